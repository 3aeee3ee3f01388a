// Turns what was measured into a table.

/** @param {number[]} values at least one */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Compares the first server of a scenario with each.
 *
 * @param {object} scenario see `scenarios.mjs`
 * @param {object[][]} rounds for each round the sample of each server: `{ rate, processor, errors }`,
 *   or null where a server could not be run
 * @returns {string[][]} a row for each server, and one of titles above
 */
export function tabulate(scenario, rounds) {
  const rows = [
    [
      'server',
      'requests/s',
      'lowest–highest',
      'this ÷ it',
      'lowest–highest',
      'aim',
      'CPU',
      'errors',
    ],
  ];
  scenario.servers.forEach((server, i) => {
    const samples = rounds.map((round) => round[i]).filter((sample) => sample !== null);
    if (samples.length === 0) {
      rows.push([server.title, 'not run', '', '', '', '', '', '']);
      return;
    }
    const rates = samples.map(({ rate }) => rate);
    // Both of a ratio come from the same round: what else the machine did then befell either.
    const ratios = rounds
      .filter((round) => round[i] && round[0])
      .map((round) => round[0].rate / round[i].rate);
    const processor = median(samples.map((sample) => sample.processor));
    rows.push([
      server.title,
      String(Math.round(median(rates))),
      spread(rates, (rate) => String(Math.round(rate))),
      i === 0 || ratios.length === 0 ? '' : `${median(ratios).toFixed(2)} ×`,
      i === 0 || ratios.length === 0 ? '' : spread(ratios, (ratio) => ratio.toFixed(2)),
      server.aim === undefined ? '' : `${server.aim} ×`,
      Number.isNaN(processor) ? '' : `${Math.round(processor * 1e6)} µs`,
      describeErrors(samples),
    ]);
  });
  return rows;
}

/**
 * Compares the subjects of a scenario with its first.
 *
 * @param {object} scenario see `scenarios.mjs`
 * @param {number[][]} rounds for each round the microseconds of a request to each subject
 * @returns {string[][]} a row for each subject, and one of titles above
 */
export function tabulateSubjects({ subjects }, rounds) {
  const rows = [
    ['application', 'a request', 'lowest–highest', 'more', 'it ÷ the first', 'lowest–highest'],
  ];
  subjects.forEach((subject, i) => {
    const times = rounds.map((round) => round[i]);
    const ratios = rounds.map((round) => round[i] / round[0]);
    const more = rounds.map((round) => round[i] - round[0]);
    rows.push([
      `\`${subject}\``,
      `${median(times).toFixed(1)} µs`,
      spread(times, (time) => time.toFixed(1)),
      i === 0 ? '' : `${median(more).toFixed(1)} µs`,
      i === 0 ? '' : `${median(ratios).toFixed(2)} ×`,
      i === 0 ? '' : spread(ratios, (ratio) => ratio.toFixed(2)),
    ]);
  });
  return rows;
}

function spread(values, format) {
  return `${format(Math.min(...values))}–${format(Math.max(...values))}`;
}

function describeErrors(samples) {
  const totals = {};
  for (const { errors } of samples) {
    for (const [kind, count] of Object.entries(errors)) totals[kind] = (totals[kind] ?? 0) + count;
  }
  const seen = Object.entries(totals).filter(([, count]) => count > 0);
  return seen.map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none';
}

/** Formats rows as a Markdown table, in columns. */
export function formatTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const [head, ...body] = rows.map((row) =>
    line(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))),
  );
  const rule = line(
    widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)),
  );
  return [head, rule, ...body].join('\n');
}
