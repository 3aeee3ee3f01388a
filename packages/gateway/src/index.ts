/**
 * What WSGI servers for the gateway protocols of web servers share.
 *
 * Python has no counterpart: `wsgiref.handlers.BaseCGIHandler` is meant for gateway protocols, and
 * leaves them to others.
 *
 * @module
 */

export { type EnvironOptions, makeEnviron, type ParamList } from './environ.ts';
export { GatewayHandler, type GatewayOutput } from './gateway-handler.ts';
export { GatewayRequestHandler } from './gateway-request-handler.ts';
export { GatewayServer } from './gateway-server.ts';
export {
  type GatewayServerClass,
  type GatewayServerOptions,
  type MakeGatewayServer,
  serverMaker,
} from './server-maker.ts';
export { ProtocolError } from './protocol-error.ts';
export { SingleRequestHandler } from './single-request-handler.ts';
