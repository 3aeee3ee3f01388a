/**
 * Tells the benchmark where this server is, and ends with it.
 *
 * @param {number} port where the server listens, on 127.0.0.1
 */
export function announce(port) {
  process.stdout.write(`http://127.0.0.1:${port}/\n`);
  process.stdin.on('end', () => process.exit()).resume();
}
