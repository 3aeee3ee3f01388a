// The clients of `@wsgiref/testing`, as the suite wants them.

import { makeServer, WSGIRequestHandler, WSGIServer } from '@wsgiref/simple-server';
import { client, IncompleteResponse } from '@wsgiref/testing';
import { StringIO } from '@wsgiref/util';

/** `client(application)`, in memory. */
export function clientGateway() {
  return {
    async send(request, application) {
      // The suite has applications that do wrong on purpose.
      const web = client(application, { validate: false, errorPage: true });
      return toGatewayResponse(await send(web, request));
    },
  };
}

/** `client({ url })` and a `WSGIServer`. */
export function liveClientGateway(options = {}) {
  let errors;
  let httpd = null;
  let serving;

  class RequestHandler extends WSGIRequestHandler {
    getStderr() {
      return errors;
    }
    logMessage() {
      // The access log.
    }
  }

  class Server extends WSGIServer {
    handleError(_request, _clientAddress, error) {
      errors.write(`the server failed: ${error}\n`);
    }
  }

  return {
    async send(request, application) {
      if (!httpd) {
        const serverOptions = { serverClass: Server, handlerClass: RequestHandler };
        httpd = await makeServer('127.0.0.1', 0, application, serverOptions);
        serving = httpd.serveForever();
      }
      errors = new StringIO();
      httpd.setApp(application);
      const web = client({ url: `http://127.0.0.1:${httpd.serverPort}` }, options);
      const response = await send(web, request);
      return { ...toGatewayResponse(response), errors: errors.getvalue() };
    },
    async close() {
      await httpd?.serverClose();
      await serving;
    },
  };
}

/** What has come of a response that ends early is a response to the suite. */
async function send(web, { method, target, headers, body }) {
  const options = body.length > 0 ? { headers, body } : { headers };
  try {
    return await web.request(method, target, options);
  } catch (error) {
    if (error instanceof IncompleteResponse) return error.response;
    throw error;
  }
}

function toGatewayResponse({ status, headers, body, errors }) {
  return { status, headers: headers.items(), body, errors };
}
