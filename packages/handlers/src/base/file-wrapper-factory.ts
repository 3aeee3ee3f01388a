import type { FileLike, FileWrapper as FileWrapperCallable, WSGIResult } from '@wsgiref/types';
import { FileWrapper } from '@wsgiref/util';

/** A class whose instances `BaseHandler` recognizes as files. */
export interface FileWrapperClass {
  new (filelike: FileLike, blksize?: number): WSGIResult;
}

/** The factory of nearly every handler; it is not worth looking up at each request. */
const wrapFile: FileWrapperCallable = (file, blockSize) => new FileWrapper(file, blockSize);

const factories = new WeakMap<FileWrapperClass, FileWrapperCallable>();

/**
 * PEP 3333 calls `environ['wsgi.file_wrapper']` as a function, and a class wants `new`.
 *
 * @param wrapper the class
 * @returns a function that makes instances of it; the same one each time
 */
export function fileWrapperFactory(wrapper: FileWrapperClass): FileWrapperCallable {
  if (wrapper === FileWrapper) return wrapFile;
  let factory = factories.get(wrapper);
  if (!factory) {
    factory = (file, blockSize) => new wrapper(file, blockSize);
    factories.set(wrapper, factory);
  }
  return factory;
}
