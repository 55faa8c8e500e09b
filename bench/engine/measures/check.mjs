/** Ends the process with a message where an answer is not the one that the shape says. */
export function requireSame(found, row, shape, question) {
  const wanted = row < 0 ? undefined : shape.value(row);
  const isSame = wanted === undefined ? found === undefined : found && wanted.equals(found);
  if (!isSame) throw new Error(`a wrong answer to ${question}: row ${row} was wanted`);
}

export function requireEqual(found, wanted, question) {
  if (found !== wanted) throw new Error(`a wrong answer to ${question}: ${found}, not ${wanted}`);
}
