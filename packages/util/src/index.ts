/**
 * Python's `wsgiref.util`, and the small things that the packages of this family share.
 *
 * @module
 */

export { addRequestHeader } from './add-request-header.ts';
export { asApplication } from './as-application.ts';
export { AssertionError } from './assertion-error.ts';
export { andThen, isPromiseLike } from './awaitable.ts';
export { BufferedReader } from './buffered-reader.ts';
export { BytesIO } from './bytes-io.ts';
export { concatBytes, isBytes } from './bytes.ts';
export { closeResult } from './close-result.ts';
export {
  applicationUri,
  guessScheme,
  type PartialEnvironment,
  requestUri,
  setupTestingDefaults,
  shiftPathInfo,
} from './environ.ts';
export { FileWrapper } from './file-wrapper.ts';
export { isHopByHop } from './hop-by-hop.ts';
export { IOBase } from './io-base.ts';
export { iterate } from './iterate.ts';
export { decodeLatin1, encodeLatin1 } from './latin1.ts';
export { lazyVariable, type LazyVariable } from './lazy-variable.ts';
export { readAvailable } from './read-available.ts';
export { repr } from './repr.ts';
export { StringIO } from './string-io.ts';
export { unquote } from './unquote.ts';
export { warn } from './warn.ts';
