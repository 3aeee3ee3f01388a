// The suite itself: what it says of gateways that are not as they should be.

import { describe, expect, jest, test } from '@jest/globals';
import {
  cases,
  type ConformanceCase,
  describeConformance,
  type Gateway,
  type GatewayResponse,
  memoryGateway,
  type Result,
  runCase,
  runConformance,
} from '@wsgiref/conformance';
import { SimpleHandler } from '@wsgiref/handlers';
import { encodeLatin1 } from '@wsgiref/util';
import { brokenGateways, hopelessGateways } from './broken-gateways.ts';

const right = memoryGateway((...streams) => new SimpleHandler(...streams));

/** One that fails in every case. */
const refusing = hopelessGateways['refuses everything']!.gateway;

const [first, second] = cases as [ConformanceCase, ConformanceCase, ...ConformanceCase[]];

const known = new Map<Gateway, Promise<string[]>>();

/** The names of the cases that a gateway fails. */
function failures(gateway: Gateway): Promise<string[]> {
  let names = known.get(gateway);
  if (!names) {
    names = runConformance(gateway).then(({ results }) =>
      results.filter(({ outcome }) => outcome === 'fail').map(({ name }) => name),
    );
    known.set(gateway, names);
  }
  return names;
}

describe('a gateway that does one thing wrong fails the cases that are about it, and no other', () => {
  test.each(Object.entries(brokenGateways))('one that %s', async (_what, { gateway, fails }) => {
    expect(await failures(gateway)).toEqual(fails);
  });
});

describe('a gateway that can do little fails among others the cases that are about that', () => {
  test.each(Object.entries(hopelessGateways))('one that %s', async (_what, { gateway, fails }) => {
    expect(await failures(gateway)).toEqual(expect.arrayContaining([...fails]));
  });
});

test('every case is failed by one of these gateways, beside the one that refuses everything', async () => {
  const unfailed = new Set(cases.map(({ name }) => name));
  for (const { gateway } of [
    ...Object.values(brokenGateways),
    ...Object.values(hopelessGateways),
  ]) {
    if (gateway === refusing) continue;
    for (const name of await failures(gateway)) unfailed.delete(name);
  }
  expect([...unfailed]).toEqual([]);
});

test('a gateway without wsgi.file_wrapper, which is optional, passes all the same', async () => {
  class Fileless extends SimpleHandler {
    override wsgiFileWrapper = null;
  }
  expect(await failures(memoryGateway((...streams) => new Fileless(...streams)))).toEqual([]);
});

describe('runConformance()', () => {
  test('returns a result for each case, in their order', async () => {
    const { results } = await runConformance(right);
    expect(results).toEqual(
      cases.map(({ name, clauses }) => ({ name, clauses, outcome: 'pass', message: '' })),
    );
  });

  test('runs the cases that it is given', async () => {
    const { results } = await runConformance(right, { cases: [second] });
    expect(results.map(({ name }) => name)).toEqual([second.name]);
  });

  test('closes the gateway after the last case, and waits for it', async () => {
    const events: string[] = [];
    await runConformance(
      {
        send(request, application, name) {
          events.push(name);
          return right.send(request, application, name);
        },
        async close() {
          await Promise.resolve();
          events.push('closed');
        },
      },
      { cases: [first, second] },
    );
    expect(events).toEqual([first.name, second.name, 'closed']);
  });

  test('refuses an exception for a case that does not exist', async () => {
    const send = jest.fn(right.send);
    const run = runConformance({ send, exceptions: { 'no such case': 'why not' } });
    await expect(run).rejects.toThrow(
      new RangeError("there is an exception for 'no such case', but no case is called so"),
    );
    expect(send).not.toHaveBeenCalled();
  });
});

describe('runCase()', () => {
  const outcome = async (gateway: Gateway, one = first, timeout?: number): Promise<Result> =>
    runCase(gateway, one, timeout);

  test('says what came back, what should have, and what was logged', async () => {
    const response: GatewayResponse = {
      status: '404 Not Found',
      headers: [],
      body: encodeLatin1('no such page'),
      errors: 'conformance: a note\nno such file\n',
    };
    expect(await outcome({ send: () => response })).toEqual({
      name: first.name,
      clauses: first.clauses,
      outcome: 'fail',
      message: [
        "the status is '404 Not Found'; it should be 200",
        "the body is 'no such page'; it should be 'of a function'",
        "the application noted 'a note'; it should note nothing",
        'something was logged, though there is no error to log',
        'it has logged:',
        'no such file',
      ].join('\n'),
    });
  });

  test('says that no response came, and why', async () => {
    const gateway: Gateway = {
      send: () => {
        throw new Error('connection refused');
      },
    };
    expect(await outcome(gateway)).toMatchObject({
      outcome: 'fail',
      message: 'no response came: Error: connection refused',
    });
  });

  test('does not wait for ever', async () => {
    const gateway: Gateway = { send: () => new Promise(() => {}) };
    expect(await outcome(gateway, first, 10)).toMatchObject({
      outcome: 'fail',
      message: 'no response came: Error: nothing within 10 ms',
    });
  });

  test('sends the request as many times as the case says, until it is answered wrongly', async () => {
    const twice = cases.find(({ times }) => times === 2)!;
    const send = jest.fn(right.send);
    expect(await outcome({ send }, twice)).toMatchObject({ outcome: 'pass' });
    expect(send).toHaveBeenCalledTimes(2);

    const refuse = jest.fn(refusing.send);
    expect(await outcome({ send: refuse }, twice)).toMatchObject({ outcome: 'fail' });
    expect(refuse).toHaveBeenCalledTimes(1);
  });

  test('gives the gateway request, application and name', async () => {
    const send = jest.fn(right.send);
    const one = cases.find(({ request }) => request?.target && !request.method)!;
    await outcome({ send }, one);
    const request = { method: 'GET', headers: [], body: new Uint8Array(), ...one.request };
    expect(send.mock.calls).toEqual([[request, one.application, one.name]]);
  });

  test('shows an exception with its reason', async () => {
    const exceptions = { [first.name]: 'it knows no better' };
    expect(await outcome({ ...refusing, exceptions })).toMatchObject({
      outcome: 'exception',
      message: 'it knows no better',
    });
  });

  test('fails an exception that is none any more', async () => {
    const exceptions = { [first.name]: 'it knows no better' };
    expect(await outcome({ ...right, exceptions })).toMatchObject({
      outcome: 'fail',
      message: 'the gateway does it, and needs no exception any more (it knows no better)',
    });
  });
});

describe('describeConformance()', () => {
  /** A test framework that keeps what it is given. */
  function framework() {
    const groups: string[] = [];
    const tests = new Map<string, () => Promise<void>>();
    const last: (() => Promise<void>)[] = [];
    return {
      groups,
      tests,
      last,
      describe(name: string, define: () => void) {
        groups.push(name);
        define();
      },
      test: (name: string, run: () => Promise<void>) => void tests.set(name, run),
      afterAll: (run: () => Promise<void>) => void last.push(run),
    };
  }

  test('makes a group with a test for each case', () => {
    const { groups, tests, ...rest } = framework();
    describeConformance('a gateway', right, { ...rest });
    expect(groups).toEqual(['a gateway']);
    expect([...tests.keys()]).toEqual(cases.map(({ name }) => name));
  });

  test('lets the test of a case pass or fail as the case does', async () => {
    const passing = framework();
    describeConformance('a gateway', right, passing);
    await passing.tests.get(first.name)!();

    const failing = framework();
    describeConformance('a gateway', refusing, failing);
    await expect(failing.tests.get(first.name)!()).rejects.toThrow(
      "the status is '404 Not Found'; it should be 200",
    );
  });

  test('names an exception with its reason, and lets it pass', async () => {
    const { tests, ...rest } = framework();
    const exceptions = { [first.name]: 'it knows no better' };
    describeConformance('a gateway', { ...refusing, exceptions }, rest);
    await tests.get(`not: ${first.name} (it knows no better)`)!();
  });

  test('closes the gateway after the last test', async () => {
    const close = jest.fn(async () => {});
    const { last, ...rest } = framework();
    describeConformance('a gateway', { ...right, close }, rest);
    expect(close).not.toHaveBeenCalled();
    for (const run of last) await run();
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('refuses an exception for a case that does not exist', () => {
    const { groups, ...rest } = framework();
    expect(() => {
      describeConformance('a gateway', { ...right, exceptions: { 'no such case': '' } }, rest);
    }).toThrow(RangeError);
    expect(groups).toEqual([]);
  });

  test('uses the global functions where it is given none', () => {
    const globals = globalThis as unknown as Partial<ReturnType<typeof framework>>;
    const before = { describe: globals.describe, test: globals.test, afterAll: globals.afterAll };
    const own = framework();
    try {
      Object.assign(globals, own);
      describeConformance('a gateway', right);
    } finally {
      Object.assign(globals, before);
    }
    expect(own.groups).toEqual(['a gateway']);
    expect(own.tests.size).toBe(cases.length);
  });
});
