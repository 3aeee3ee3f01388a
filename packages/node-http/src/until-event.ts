import type { EventEmitter } from 'node:events';

/**
 * Waits for the first of several events, and leaves no listener behind.
 *
 * @param emitter what emits them
 * @param events their names; an `error` is an event like any other
 */
export function untilEvent(emitter: EventEmitter, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) emitter.off(event, done);
      resolve();
    };
    for (const event of events) emitter.on(event, done);
  });
}
