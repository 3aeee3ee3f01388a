import { GatewayServer } from '@wsgiref/gateway';

/** A server that a web server talks SCGI to, with a WSGI application. */
export class SCGIServer extends GatewayServer {}
