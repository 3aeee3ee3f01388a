import {
  applicationUri,
  BytesIO,
  encodeLatin1,
  FileWrapper,
  guessScheme,
  isHopByHop,
  type PartialEnvironment,
  repr,
  requestUri,
  setupTestingDefaults,
  shiftPathInfo,
  StringIO,
} from '@wsgiref/util';
import { normpath } from '../../packages/util/src/normpath.ts';
import { answer, compareWithPython } from './compare.ts';
import type { Answer } from './python.mjs';

const classes = {
  IndexError: 'RangeError',
  KeyError: 'TypeError',
  UnicodeEncodeError: 'RangeError',
  ValueError: 'RangeError',
};

compareWithPython(import.meta.url, classes, {
  repr: (text: string) => repr(text),
  repr_bytes: (text: string) => repr(encodeLatin1(text)),
  encode_latin1: encodeLatin1,
  normpath,
  guess_scheme: guessScheme,
  application_uri: applicationUri,
  request_uri: (environ: PartialEnvironment, includeQuery?: boolean) =>
    includeQuery === undefined ? requestUri(environ) : requestUri(environ, { includeQuery }),
  shift_path_info: (environ: PartialEnvironment) => [shiftPathInfo(environ), environ],
  setup_testing_defaults: (environ: PartialEnvironment) => {
    setupTestingDefaults(environ);
    return Object.entries(environ).map(([key, value]) => {
      if (value instanceof BytesIO || value instanceof StringIO) return [key, value.read()];
      // DIFFERS(1): Python has the integer 0.
      return [key, value === false ? 0 : value];
    });
  },
  is_hop_by_hop: isHopByHop,
  FileWrapper: (data: string, blksize?: number) => [
    ...new FileWrapper(new BytesIO(encodeLatin1(data)), blksize),
  ],
  BytesIO: (data: string, operations: Operation[]) =>
    operate(new BytesIO(encodeLatin1(data)), operations, encodeLatin1),
  StringIO: (text: string, operations: Operation[]) =>
    operate(new StringIO(text), operations, (argument) => argument),
});

type Operation = [name: string, ...args: unknown[]];

/** The operations have Python's names, because none of them has an underscore. */
function operate(
  stream: BytesIO | StringIO,
  operations: Operation[],
  toArgument: (text: string) => unknown,
): Answer[] {
  const methods = stream as unknown as Record<string, (...args: unknown[]) => unknown>;
  return operations.map(([name, ...args]) =>
    answer(() =>
      methods[name]!(...args.map((arg) => (typeof arg === 'string' ? toArgument(arg) : arg))),
    ),
  );
}
