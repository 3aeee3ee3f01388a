// What PEP 3333 asks of middleware, and those that there are here: the validator and the router.

import { describe, expect, jest, test } from '@jest/globals';
import { cases, memoryGateway, runConformance } from '@wsgiref/conformance';
import { SimpleHandler } from '@wsgiref/handlers';
import { Router } from '@wsgiref/router';
import type { StartResponse, WSGIApplicationLike, WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, encodeLatin1, FileWrapper, setupTestingDefaults } from '@wsgiref/util';
import { validator } from '@wsgiref/validate';

function makeEnviron(): WSGIEnvironment {
  const environ = { QUERY_STRING: '' };
  setupTestingDefaults(environ);
  return environ;
}

const blocks = ['one', '', 'two', ''].map(encodeLatin1);

const noWrite: StartResponse = () => () => {};

/** An application that writes down what is asked of it. */
function recording(events: string[]): WSGIApplicationLike {
  return (_environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return {
      *[Symbol.iterator]() {
        for (const block of blocks) {
          events.push('asked');
          yield block;
        }
        events.push('asked at the end');
      },
      close: () => void events.push('closed'),
    };
  };
}

describe('The validator as a middleware', () => {
  test('M1: every case passes through a validator in a validator', async () => {
    const gateway = memoryGateway((...streams) => new SimpleHandler(...streams));
    const options = { onWarning: () => {} };
    const validCases = cases.filter(({ valid }) => valid !== false);
    expect(validCases.length).toBeGreaterThan(100);
    const wrapped = validCases.map((one) => ({
      ...one,
      application: validator(validator(one.application, options), options),
    }));
    const { results } = await runConformance(gateway, { cases: wrapped });
    expect(results.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
  });

  test('M2: it yields a block for each block', async () => {
    const events: string[] = [];
    const result = await validator(recording(events))(makeEnviron(), noWrite);
    for (const block of result as Iterable<Uint8Array>) {
      expect(block).toBe(blocks[events.length - 1]);
      events[events.length - 1] = 'yielded';
    }
    expect(events).toEqual([...blocks.map(() => 'yielded'), 'asked at the end']);
    await result.close!();
  });

  test('M3: it returns before the first block is asked for', async () => {
    const events: string[] = [];
    const result = validator(recording(events))(makeEnviron(), noWrite);
    expect(result).not.toBeInstanceOf(Promise);
    expect(events).toEqual([]);
    await (
      await result
    ).close!();
  });

  test('M4: only what the application writes is written', async () => {
    const write = jest.fn<(data: Uint8Array) => void>();
    const app = validator(async (_environ, startResponse) => {
      const writer = startResponse('200 OK', [['Content-Type', 'text/plain']]);
      await writer(encodeLatin1('written'));
      return blocks;
    });
    const result = await app(makeEnviron(), () => write);
    expect([...(result as Iterable<Uint8Array>)]).toEqual(blocks);
    await result.close!();
    expect(write.mock.calls).toEqual([[encodeLatin1('written')]]);
  });

  test('M5: closing its result closes the one within, once', async () => {
    const events: string[] = [];
    const result = await validator(recording(events))(makeEnviron(), noWrite);
    await result.close!();
    expect(events).toEqual(['closed']);
    await expect(async () => result.close!()).rejects.toMatchObject({ ruleId: 'closed-twice' });
    expect(events).toEqual(['closed']);
  });

  test('M6: its result has the length of the one within', async () => {
    const lengthOf = async (result: Iterable<Uint8Array>): Promise<unknown> => {
      const app = validator((_environ, startResponse) => {
        startResponse('200 OK', [['Content-Type', 'text/plain']]);
        return result;
      });
      const wrapped = await app(makeEnviron(), noWrite);
      await wrapped.close!();
      return (wrapped as { length?: unknown }).length;
    };
    expect(await lengthOf([])).toBe(0);
    expect(await lengthOf([encodeLatin1('one')])).toBe(1);
    expect(await lengthOf(blocks.values())).toBeUndefined();
  });

  test('M7: a caught error reaches the server, and what that throws comes back', async () => {
    const caught = new Error('no disk');
    const thrown = new Error('too late');
    const startResponse = jest.fn<StartResponse>(() => {
      throw thrown;
    });
    const app = validator((_environ, begin) => {
      begin('500 Oops', [['Content-Type', 'text/plain']], caught);
      return [];
    });
    await expect(async () => app(makeEnviron(), startResponse)).rejects.toBe(thrown);
    expect(startResponse.mock.calls).toEqual([
      ['500 Oops', [['Content-Type', 'text/plain']], caught],
    ]);
    expect(startResponse.mock.calls[0]![2]).toBe(caught);
  });

  test('M8: it adds nothing to the environ', async () => {
    const environ = makeEnviron();
    const before = Object.keys(environ);
    await (
      await validator(recording([]))(environ, noWrite)
    ).close!();
    expect(Object.keys(environ)).toEqual(before);
  });

  test('M9: the environ keeps its other variables, and a file is still known as one', async () => {
    const environ = makeEnviron();
    environ['wsgi.file_wrapper'] = (file, size) => new FileWrapper(file, size);
    const before = { ...environ };
    const app = validator((given, startResponse) => {
      expect(given).toBe(environ);
      startResponse('200 OK', [['Content-Type', 'text/plain']]);
      return given['wsgi.file_wrapper']!(new BytesIO());
    });
    expect(await app(environ, noWrite)).toBeInstanceOf(FileWrapper);
    const changed = Object.keys(before).filter((key) => environ[key] !== before[key]);
    expect(changed).toEqual(['wsgi.input', 'wsgi.errors', 'wsgi.file_wrapper']);
  });

  test('A7: the streams have no other methods than PEP 3333 names', async () => {
    const environ = makeEnviron();
    await (
      await validator(recording([]))(environ, noWrite)
    ).close!();
    // close() is there to say that it must not be called.
    expect(methodsOf(environ['wsgi.input'])).toEqual([
      Symbol.asyncIterator,
      'close',
      'read',
      'readline',
      'readlines',
    ]);
    expect(methodsOf(environ['wsgi.errors'])).toEqual(['close', 'flush', 'write', 'writelines']);
  });
});

describe('A router as a middleware', () => {
  test('every case passes through it, between two validators', async () => {
    const gateway = memoryGateway((...streams) => new SimpleHandler(...streams));
    const options = { onWarning: () => {} };
    const routed = cases
      .filter(({ valid }) => valid !== false)
      .map((one) => ({
        ...one,
        application: validator(
          new Router().mount('/', validator(one.application, options)),
          options,
        ),
      }));
    const { results } = await runConformance(gateway, { cases: routed });
    expect(results.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
  });

  test('every case passes through it, also where the validator finds fault', async () => {
    const gateway = memoryGateway((...streams) => new SimpleHandler(...streams));
    const routed = cases.map((one) => ({
      ...one,
      application: new Router({ fallback: one.application }),
    }));
    const { results } = await runConformance(gateway, { cases: routed });
    expect(results.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
  });
});

function methodsOf(object: object): PropertyKey[] {
  const names = new Set<PropertyKey>();
  let current: object | null = object;
  while (current && current !== Object.prototype) {
    for (const key of Reflect.ownKeys(current)) if (key !== 'constructor') names.add(key);
    current = Object.getPrototypeOf(current) as object | null;
  }
  return [...names].toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
}
