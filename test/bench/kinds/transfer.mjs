// One large body: how fast it goes, and how much memory the server occupies at its highest.

import { fileURLToPath } from 'node:url';
import { highestMemory, pins, run, startServer } from '../processes.mjs';
import { takeTurns } from '../rounds.mjs';
import { aimCell, median, missingRow, ratioCells, ratiosTo, samplesOf, spread } from '../table.mjs';

const CLIENT = fileURLToPath(new URL('../clients/transfer.mjs', import.meta.url));
const MEBI = 1024 * 1024;

/** What part of it goes ahead, in which the compiler finds out what is hot. */
const WARM_UP = 1 / 8;

/** In a quick run this part of it will do. */
const QUICK = 1 / 16;

/**
 * Sends a body to or from the servers of a scenario in turn.
 *
 * @param {object} scenario see `scenarios.mjs`: `size` in bytes, and `up` if the client sends it
 * @param {{rounds: number, quick: boolean}} options how often, and whether less will do
 * @returns {Promise<{rows: string[][], how: string[]}>} the table, and what to say below it
 */
export async function report({ servers, size, up }, { rounds, quick }) {
  const length = quick ? size * QUICK : size;
  const samples = await takeTurns(
    servers,
    rounds,
    (server) => sample(server, length, up),
    ({ rate, memory }) => `${rate.toFixed(0)} MiB/s, at most ${(memory / MEBI).toFixed(0)} MiB`,
  );
  const how = [
    `${length / MEBI} MiB at a time, after ${(length * WARM_UP) / MEBI} MiB`,
    pins ? 'server and client on a core each' : 'processes not kept to cores',
  ];
  return { rows: tabulate(servers, samples), how };
}

async function sample(server, length, up) {
  const { announced: url, pid, stop } = await startServer(server.command);
  try {
    await transfer(url, length * WARM_UP, up);
    const { seconds } = await transfer(url, length, up);
    return { rate: length / MEBI / seconds, memory: highestMemory(pid) };
  } finally {
    await stop();
  }
}

async function transfer(url, length, up) {
  const head = up
    ? `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`
    : `GET /?${length} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const job = { url, head, bodyLength: up ? length : 0, count: 1 };
  return JSON.parse(await run([process.execPath, CLIENT, JSON.stringify(job)]));
}

function tabulate(servers, rounds) {
  const titles = [
    'server',
    'MiB/s',
    'lowest–highest',
    'this ÷ it',
    'lowest–highest',
    'aim',
    'highest memory',
    'aim',
  ];
  const rows = servers.map((server, i) => {
    const samples = samplesOf(rounds, i);
    if (samples.length === 0) return missingRow(server, titles.length);
    const rates = samples.map(({ rate }) => rate);
    const memory = Math.max(...samples.map((each) => each.memory)) / MEBI;
    const limit = server.memoryAim === undefined ? undefined : `under ${server.memoryAim} MiB`;
    return [
      server.title,
      median(rates).toFixed(0),
      spread(rates, (rate) => rate.toFixed(0)),
      ...ratioCells(
        ratiosTo(rounds, i, ({ rate }) => rate),
        server.aim,
      ),
      Number.isNaN(memory) ? '' : `${memory.toFixed(0)} MiB`,
      limit && !Number.isNaN(memory) ? aimCell(limit, memory < server.memoryAim) : '',
    ];
  });
  return [titles, ...rows];
}
