/**
 * Tells the benchmark where this server is, and ends with it. Each block on the standard input is
 * answered with what the process occupies, in bytes, after the garbage is gone.
 *
 * @param {number} port where the server listens, on 127.0.0.1
 */
export function announce(port) {
  process.stdout.write(`http://127.0.0.1:${port}/\n`);
  process.stdin
    .on('data', () => {
      globalThis.gc?.();
      const { rss, heapUsed, external } = process.memoryUsage();
      process.stdout.write(`${JSON.stringify({ resident: rss, used: heapUsed + external })}\n`);
    })
    .on('end', () => process.exit());
}
