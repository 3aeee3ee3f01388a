// Turns what was measured into a table.

/** @param {number[]} values at least one */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** From the lowest to the highest. */
export function spread(values, format) {
  return `${format(Math.min(...values))}–${format(Math.max(...values))}`;
}

/**
 * The samples of one server, without the rounds in which it was missing.
 *
 * @template Sample
 * @param {(Sample | null)[][]} rounds for each round the sample of each server
 * @param {number} i which server
 * @returns {Sample[]} none, if it could not be run
 */
export function samplesOf(rounds, i) {
  return rounds.map((round) => round[i]).filter((sample) => sample !== null);
}

/**
 * How many times as much the first server of each round has as another. Both of a ratio come from the
 * same round: what else the machine did then befell either.
 *
 * @template Sample
 * @param {(Sample | null)[][]} rounds for each round the sample of each server
 * @param {number} i which other server
 * @param {(sample: Sample) => number} value what is compared
 * @returns {number[]} none for the first itself, and where one is missing
 */
export function ratiosTo(rounds, i, value) {
  if (i === 0) return [];
  return rounds
    .filter((round) => round[i] && round[0])
    .map((round) => value(round[0]) / value(round[i]));
}

/** Three cells: the median of the ratios, how far they spread, and the aim, with what came of it. */
export function ratioCells(ratios, aim) {
  if (ratios.length === 0) return ['', '', ''];
  const ratio = median(ratios);
  return [
    `${ratio.toFixed(2)} ×`,
    spread(ratios, (each) => each.toFixed(2)),
    aim === undefined ? '' : aimCell(`${aim} ×`, ratio >= aim),
  ];
}

/** An aim, and whether it was reached. */
export function aimCell(aim, reached) {
  return `${aim}: ${reached ? 'reached' : '**missed**'}`;
}

/** A row of which there is nothing to say but that the server is missing. */
export function missingRow(server, columns) {
  return [server.title, 'missing', ...Array(columns - 2).fill('')];
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
