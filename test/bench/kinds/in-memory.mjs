// What applications cost in memory, each in a process of its own: what each costs more than the first.

import { fileURLToPath } from 'node:url';
import { pins, run } from '../processes.mjs';
import { takeTurns } from '../rounds.mjs';
import { median, spread } from '../table.mjs';

const CLIENT = fileURLToPath(new URL('../clients/in-memory.mjs', import.meta.url));

/**
 * Times the subjects of a scenario in turn.
 *
 * @param {object} scenario see `scenarios.mjs`
 * @param {{rounds: number, seconds: number, warmUp: number}} options how often, and for how long
 * @returns {Promise<{rows: string[][], how: string[]}>} the table, and what to say below it
 */
export async function report({ subjects }, { rounds, seconds, warmUp }) {
  const sample = async ({ title }) => {
    const command = [process.execPath, CLIENT, title, String(seconds), String(warmUp)];
    const { microseconds, requests } = JSON.parse(await run(command));
    return microseconds / requests;
  };
  const samples = await takeTurns(
    subjects.map((title) => ({ title })),
    rounds,
    sample,
    (time) => `${time.toFixed(1)} µs`,
  );
  return {
    rows: tabulate(subjects, samples),
    how: [pins ? 'each in a process of its own on one core' : 'each in a process of its own'],
  };
}

function tabulate(subjects, rounds) {
  const titles = [
    'application',
    'a request',
    'lowest–highest',
    'more',
    'it ÷ the first',
    'lowest–highest',
  ];
  const rows = subjects.map((subject, i) => {
    const times = rounds.map((round) => round[i]);
    const ratios = rounds.map((round) => round[i] / round[0]);
    const more = rounds.map((round) => round[i] - round[0]);
    return [
      `\`${subject}\``,
      `${median(times).toFixed(1)} µs`,
      spread(times, (time) => time.toFixed(1)),
      i === 0 ? '' : `${median(more).toFixed(1)} µs`,
      i === 0 ? '' : `${median(ratios).toFixed(2)} ×`,
      i === 0 ? '' : spread(ratios, (ratio) => ratio.toFixed(2)),
    ];
  });
  return [titles, ...rows];
}
