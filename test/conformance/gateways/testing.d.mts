import type { Gateway } from '@wsgiref/conformance';
import type { LiveOptions } from '@wsgiref/testing';

export function clientGateway(): Gateway;
export function liveClientGateway(options?: LiveOptions): Gateway;
