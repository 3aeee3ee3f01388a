import { GatewayServer } from '@wsgiref/gateway';

/**
 * A server that a web server talks uwsgi to, with a WSGI application.
 *
 * A packet has at most 65535 bytes of variables: a larger `maxParamsSize` changes nothing.
 */
export class UWSGIServer extends GatewayServer {}
