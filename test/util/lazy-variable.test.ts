import { beforeEach, describe, expect, test } from '@jest/globals';
import { lazyVariable, type PartialEnvironment } from '@wsgiref/util';

const addCount = lazyVariable('app.count');

let environ: PartialEnvironment;
let made: number;

beforeEach(() => {
  made = 0;
  environ = { PATH_INFO: '/' };
  addCount(environ, () => ++made);
});

describe('a lazy variable', () => {
  test('is made when it is asked for, and once', () => {
    expect(Object.keys(environ)).toEqual(['PATH_INFO', 'app.count']);
    expect(made).toBe(0);
    expect([environ['app.count'], environ['app.count'], made]).toEqual([1, 1, 1]);
  });

  test('is a variable like any other in a copy, which has the same value', () => {
    const copy = { ...environ };
    expect(Object.getOwnPropertyDescriptors(copy)['app.count']).toEqual({
      configurable: true,
      enumerable: true,
      writable: true,
      value: 1,
    });
    expect([environ['app.count'], made]).toEqual([1, 1]);
    expect(Reflect.ownKeys(copy)).toEqual(['PATH_INFO', 'app.count']);
  });

  test('is there for an environ that inherits from it', () => {
    const derived = Object.create(environ) as PartialEnvironment;
    expect([derived['app.count'], environ['app.count'], made]).toEqual([1, 1, 1]);
  });

  test('can be replaced, and deleted', () => {
    environ['app.count'] = 'mine';
    expect([environ['app.count'], made]).toEqual(['mine', 0]);
    delete environ['app.count'];
    expect(environ).toEqual({ PATH_INFO: '/' });
  });

  test('can be replaced in an environ that inherits from it', () => {
    const derived = Object.create(environ) as PartialEnvironment;
    derived['app.count'] = 'mine';
    expect([derived['app.count'], made]).toEqual(['mine', 0]);
    expect(environ['app.count']).toBe(1);
  });

  test('is one of several, each of its own', () => {
    lazyVariable('app.other')(environ, () => 'other');
    expect({ ...environ }).toEqual({ PATH_INFO: '/', 'app.count': 1, 'app.other': 'other' });
  });

  test('is undefined where only its accessors have been copied', () => {
    const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(environ));
    expect([(copy as PartialEnvironment)['app.count'], made]).toEqual([undefined, 0]);
  });
});
