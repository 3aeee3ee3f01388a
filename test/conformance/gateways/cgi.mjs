// `cgiApplication()` with `CGIHandler` as the script: gateway and wrapper, back to back.

import { cgiApplication } from '@wsgiref/cgi';
import { memoryGateway } from '@wsgiref/conformance';
import { SimpleHandler } from '@wsgiref/handlers';

/**
 * `cgiApplication()` in `SimpleHandler`, and `CGIHandler` in a process for each request.
 *
 * @param nodeOptions how Node finds the packages; by default their builds
 */
export function cgiApplicationGateway(nodeOptions = []) {
  const script = new URL('cgi-script.mjs', import.meta.url);
  const interpreter = [process.execPath, ...nodeOptions];
  const inMemory = memoryGateway((...streams) => new SimpleHandler(...streams));
  return {
    send(request, _application, name) {
      const app = cgiApplication(script, { interpreter, env: { CONFORMANCE_CASE: name } });
      return inMemory.send(request, app, name);
    },
  };
}
