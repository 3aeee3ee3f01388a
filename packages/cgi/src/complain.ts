import type { ErrorStream } from '@wsgiref/types';
import type { Settings } from './options.ts';
import type { Ending } from './script-process.ts';

/**
 * Logs what a script does that it should not.
 *
 * @param errors where to
 * @param settings whose script it is
 * @param what what it does, as in 'sends nothing'
 */
export async function complain(
  errors: ErrorStream,
  { script }: Settings,
  what: string,
): Promise<void> {
  await errors.write(`${script} ${what}\n`);
  await errors.flush();
}

/** Says how a script has ended. */
export function describe({ code, signal }: Ending): string {
  return signal ? `was ended by ${signal}` : `has ended with status ${code!}`;
}
