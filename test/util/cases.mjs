// What the tables of cases that Python is asked are made of.

/** Every way to take one item of each list. */
export function product(first, ...rest) {
  if (!first) return [[]];
  return first.flatMap((item) => product(...rest).map((others) => [item, ...others]));
}

/** Numbers that look random and are the same each time. */
function* numbers(seed) {
  for (let state = seed; ; yield state >>> 8)
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
}

/** Sequences of operations: each picks one of `operations` and one of each of its lists. */
export function sequences(count, length, operations) {
  const source = numbers(count);
  const pick = (list) => list[source.next().value % list.length];
  return Array.from({ length: count }, () =>
    Array.from({ length }, () => {
      const [name, ...lists] = pick(operations);
      return [name, ...lists.map(pick)];
    }),
  );
}
