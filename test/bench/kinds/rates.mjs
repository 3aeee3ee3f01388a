// The table of servers by what they do in a second.

import { median, missingRow, ratioCells, ratiosTo, samplesOf, spread } from '../table.mjs';

const TITLES = [
  'server',
  'requests/s',
  'lowest–highest',
  'this ÷ it',
  'lowest–highest',
  'aim',
  'CPU',
  'errors',
];

/**
 * Compares the first of some servers with each.
 *
 * @param {object[]} servers see `scenarios.mjs`
 * @param {object[][]} rounds for each round the sample of each server: `{ rate, processor, errors }`,
 *   or null where a server could not be run
 * @returns {string[][]} a row for each server, and one of titles above
 */
export function tabulate(servers, rounds) {
  const rows = servers.map((server, i) => {
    const samples = samplesOf(rounds, i);
    if (samples.length === 0) return missingRow(server, TITLES.length);
    const rates = samples.map(({ rate }) => rate);
    const processor = median(samples.map((sample) => sample.processor));
    return [
      server.title,
      formatRate(median(rates)),
      spread(rates, formatRate),
      ...ratioCells(
        ratiosTo(rounds, i, ({ rate }) => rate),
        server.aim,
      ),
      Number.isNaN(processor) ? '' : `${Math.round(processor * 1e6)} µs`,
      describeErrors(samples),
    ];
  });
  return [TITLES, ...rows];
}

/** Of CGI scripts there are but a few in a second. */
function formatRate(rate) {
  return rate.toFixed(rate < 100 ? 1 : 0);
}

function describeErrors(samples) {
  const totals = {};
  for (const { errors } of samples) {
    for (const [kind, count] of Object.entries(errors)) totals[kind] = (totals[kind] ?? 0) + count;
  }
  const seen = Object.entries(totals).filter(([, count]) => count > 0);
  return seen.map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none';
}
