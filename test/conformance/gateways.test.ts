// The suite over every gateway of this repository.

import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { caseGroups, cases, describeConformance, runCase } from '@wsgiref/conformance';
import {
  baseCGIHandlerGateway,
  cgiHandlerGateway,
  fastCGIGateway,
  scgiGateway,
  fetchGateway,
  fetchHandlerGateway,
  nodeHttp2Gateway,
  nodeHttpGateway,
  persistentGateway,
  requestListenerGateway,
  simpleHandlerGateway,
  uwsgiGateway,
  wsgiServerGateway,
} from './gateways.mjs';
import { cgiApplicationGateway } from './gateways/cgi.mjs';
import { clientGateway, liveClientGateway } from './gateways/testing.mjs';

jest.setTimeout(60_000);

const framework = { describe, test, afterAll };

describeConformance('SimpleHandler, in memory', simpleHandlerGateway(), framework);
describeConformance('BaseCGIHandler, in memory', baseCGIHandlerGateway(), framework);
describeConformance('WSGIServer, over a socket', wsgiServerGateway(), framework);
describeConformance('WSGIServer, HTTP/1.1', persistentGateway(), framework);
describeConformance('client(application), in memory', clientGateway(), framework);
describeConformance('client({ url }), over a socket', liveClientGateway(), framework);
describeConformance('FastCGIServer, over a socket', fastCGIGateway(), framework);
describeConformance('SCGIServer, over a socket', scgiGateway(), framework);
describeConformance('UWSGIServer, over a socket', uwsgiGateway(), framework);
describeConformance('toRequestListener() in node:http', nodeHttpGateway(), framework);
describeConformance('toRequestListener() in node:http2', nodeHttp2Gateway(), framework);
describeConformance(
  'toRequestListener() in fromRequestListener()',
  requestListenerGateway(),
  framework,
);
describeConformance('toFetchHandler(), in memory', fetchGateway(), framework);
describeConformance('toFetchHandler() in fromFetchHandler()', fetchHandlerGateway(), framework);

test('WSGIServer, HTTP/1.1, answers one case after the other over one connection', async () => {
  const gateway = persistentGateway();
  const environ = caseGroups['The environ']!;
  for (const one of environ) {
    expect(await runCase(gateway, one, 30_000)).toMatchObject({ outcome: 'pass', message: '' });
  }
  expect(environ.length).toBeGreaterThan(20);
  expect(gateway.connections).toBe(1);
  await gateway.close!();
});

// A process for every case takes its time: scripts/conformance.mjs runs them all, once for each
// state of the sources. Here are the first of each group, and those in which a process matters.
describe.each([
  { what: 'CGIHandler', makeGateway: cgiHandlerGateway },
  { what: 'CGIHandler behind cgiApplication()', makeGateway: cgiApplicationGateway },
])('$what, in a child process', ({ makeGateway }) => {
  const WHERE_IT_MATTERS = [
    'the bytes of a header are the characters of its variable',
    'a long request body comes in whole',
    'a request body that the application does not read does no harm to the response',
    'wsgi.errors takes any Unicode',
    'every byte of the body is itself',
    'a body that is longer than any buffer is sent whole, and in order',
  ];
  const chosen = cases.filter(
    (one) =>
      WHERE_IT_MATTERS.includes(one.name) ||
      Object.values(caseGroups).some(([first]) => one === first),
  );
  const gateway = makeGateway([
    '--conditions=@wsgiref/source',
    `--import=${new URL('../docs/typescript.mjs', import.meta.url).href}`,
  ]);

  test.each(chosen.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    expect(await runCase(gateway, one, 30_000)).toMatchObject({ outcome: 'pass', message: '' });
  });

  test('the chosen cases exist', () => {
    expect(chosen.length).toBeGreaterThan(WHERE_IT_MATTERS.length);
    expect(chosen.map(({ name }) => name)).toEqual(expect.arrayContaining(WHERE_IT_MATTERS));
  });
});
