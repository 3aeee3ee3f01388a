import type { Gateway } from '@wsgiref/conformance';

export function simpleHandlerGateway(): Gateway;
export function baseCGIHandlerGateway(): Gateway;
export function cgiHandlerGateway(nodeOptions?: readonly string[]): Gateway;
export function wsgiServerGateway(): Gateway;
export function persistentGateway(): Gateway & { readonly connections: number };
export function fastCGIGateway(): Gateway;
export function scgiGateway(): Gateway;
export function uwsgiGateway(): Gateway;
export function nodeHttpGateway(): Gateway;
export function nodeHttp2Gateway(): Gateway;
export function requestListenerGateway(): Gateway;
export function fetchGateway(): Gateway;
export function fetchHandlerGateway(): Gateway;
