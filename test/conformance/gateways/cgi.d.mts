import type { Gateway } from '@wsgiref/conformance';

export function cgiApplicationGateway(nodeOptions?: readonly string[]): Gateway;
