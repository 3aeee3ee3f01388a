// What a request takes a server that has no rest.

import { processorTime } from './processes.mjs';

/**
 * Times the requests of a server: its processor time, which other processes disturb less than they
 * disturb the clock; by the clock where that is unknown.
 *
 * @param {number} pid the server
 * @param {() => Promise<{requests: number, seconds: number}>} load keeps it busy
 * @returns {Promise<number>} the microseconds of one
 */
export async function timeRequest(pid, load) {
  const before = processorTime(pid);
  const { requests, seconds } = await load();
  const used = processorTime(pid) - before;
  return ((Number.isNaN(used) ? seconds : used) / requests) * 1e6;
}
