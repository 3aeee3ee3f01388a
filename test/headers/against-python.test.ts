import { Headers } from '@wsgiref/headers';
import type { HeaderList } from '@wsgiref/types';
import { formatParam } from '../../packages/headers/src/format-param.ts';
import { answer, compareWithPython } from '../util/compare.ts';

const classes = {
  UnicodeEncodeError: 'RangeError',
  // Of pairs that are none: Python fails to unpack them.
  ValueError: 'TypeError',
};

const operations: Record<string, (headers: Headers, ...args: never[]) => unknown> = {
  __getitem__: (headers, name: string) => headers.get(name),
  __setitem__: (headers, name: string, value: string) => headers.set(name, value),
  __delitem__: (headers, name: string) => headers.delete(name),
  __contains__: (headers, name: string) => headers.has(name),
  __len__: (headers) => headers.size,
  __str__: (headers) => headers.toString(),
  get: (headers, ...args: [string, string]) => headers.get(...args),
  get_all: (headers, name: string) => headers.getAll(name),
  keys: (headers) => headers.keys(),
  values: (headers) => headers.values(),
  items: (headers) => headers.items(),
  setdefault: (headers, name: string, value: string) => headers.setdefault(name, value),
  add_header: (headers, name: string, value: string | null) => headers.addHeader(name, value),
};

type Operation = [name: string, ...args: never[]];

compareWithPython(import.meta.url, classes, {
  Headers: (pairs: HeaderList | null, todo: Operation[]) => {
    const headers = new Headers(pairs);
    const results = todo.map(([name, ...args]) =>
      answer(() => operations[name]!(headers, ...args)),
    );
    const left = pairs ?? headers.items();
    return [results, left, String(headers), answer(() => headers.toBytes())];
  },
  new: (pairs: HeaderList | null) => new Headers(pairs).size,
  add_header: (name: string, value: string | null, params: [string, string | null][]) => {
    const headers = new Headers();
    headers.addHeader(name, value, params);
    return headers.items();
  },
  _formatparam: (name: string, value: string | null = null, quote: number = 1) =>
    formatParam(name, value, quote === 1),
});
