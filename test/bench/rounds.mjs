// Lets the subjects of a scenario take turns: what else the machine does befalls all of them.

/**
 * @template Subject, Sample
 * @param {Subject[]} subjects what is compared; each has a `title`, and may have a `missing()` that
 *   gives the reason for which it cannot be run, or null
 * @param {number} rounds how often each has its turn
 * @param {(subject: Subject) => Promise<Sample>} sample measures one
 * @param {(sample: Sample) => string} describe makes a few words of a sample
 * @returns {Promise<(Sample | null)[][]>} for each round the sample of each, null if it is missing
 */
export async function takeTurns(subjects, rounds, sample, describe) {
  const missing = subjects.map((subject) => subject.missing?.() ?? null);
  const samples = [];
  for (let round = 1; round <= rounds; round++) {
    const row = [];
    for (const [i, subject] of subjects.entries()) {
      row.push(missing[i] === null ? await sample(subject) : null);
      const result = row[i] === null ? `missing: ${missing[i]}` : describe(row[i]);
      console.log(`round ${round} of ${rounds}  ${subject.title.padEnd(24)} ${result}`);
    }
    samples.push(row);
  }
  return samples;
}
