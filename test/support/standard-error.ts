// Keeps what is written to standard error, the server's log, for a test to look at.

import { jest } from '@jest/globals';

/** What has been written to standard error since {@link captureStandardError}. */
export interface CapturedError extends Disposable {
  /** Everything that has been written. */
  readonly text: string;
  /** Waits until a text has been written. */
  waitFor(text: string): Promise<void>;
  /** Lets standard error go where it went before. */
  release(): void;
}

/** Keeps from here on what is written to standard error, instead of showing it. */
export function captureStandardError(): CapturedError {
  let text = '';
  const waiting = new Set<() => void>();
  const spy = jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    const said = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    // Warnings of the process come when they like, and from other tests: they are no server's log.
    if (/^\(node:\d+\) |^\(Use `node --trace-/.test(said)) return true;
    text += said;
    for (const look of waiting) look();
    return true;
  });
  const release = (): void => spy.mockRestore();
  return {
    get text() {
      return text;
    },
    waitFor(wanted) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (!text.includes(wanted)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
    release,
    [Symbol.dispose]: release,
  };
}

/** A log without its times: `127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5`. */
export function withoutTimes(log: string): string {
  return log.replace(/\[\d\d\/[A-Z][a-z]{2}\/\d{4} \d\d:\d\d:\d\d\]/g, '[-]');
}
