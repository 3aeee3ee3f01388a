/**
 * What Python gets for a promise, and finds it in. One that a function returns to Python becomes
 * another there, whose errors are of Python's making.
 */
export class Later<T> {
  readonly promise: Promise<T>;

  /** @param promise what Python may wait for */
  constructor(promise: Promise<T>) {
    this.promise = promise;
    // Python is told when it waits, which may begin later than this.
    promise.catch(() => {});
  }
}
