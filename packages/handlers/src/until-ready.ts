/** Milliseconds between two tries. */
const RETRY_DELAY = 5;

/**
 * Reads or writes a descriptor that may be set not to block, as a web server may leave it.
 *
 * @param operation one try, in the manner of `fs.read`: it calls back with an error or a count
 * @returns how many bytes were read or written
 * @throws what the operation reports, but for EAGAIN
 */
export async function untilReady(
  operation: (callback: (error: NodeJS.ErrnoException | null, count: number) => void) => void,
): Promise<number> {
  for (;;) {
    const count = await new Promise<number | null>((resolve, reject) => {
      operation((error, count) => {
        if (!error) resolve(count);
        else if (error.code === 'EAGAIN') setTimeout(resolve, RETRY_DELAY, null);
        else reject(error);
      });
    });
    if (count !== null) return count;
  }
}
