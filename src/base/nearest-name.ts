/** Finds what a misspelt name may have meant. */

/** The name nearest to `name`, at most three letters and less than half of it away; undefined where none is. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const [near] = [0, 1, 2, 3].flatMap((edits) =>
    names.filter((known) => edits < known.length / 2 && isWithin(edits, name.toLowerCase(), known.toLowerCase())),
  );
  return near;
}

/** Whether one text becomes the other by at most as many letters put in, left out, replaced, or swapped with the next. */
function isWithin(edits: number, left: string, right: string): boolean {
  if (left === right) return true;
  if (edits === 0) return false;
  const [l, r] = [left.slice(1), right.slice(1)];
  if (left[0] === right[0]) return isWithin(edits, l, r);
  const isSwapped = left[0] === right[1] && left[1] === right[0];
  if (isSwapped && isWithin(edits - 1, left.slice(2), right.slice(2))) return true;
  return isWithin(edits - 1, l, right) || isWithin(edits - 1, left, r) || isWithin(edits - 1, l, r);
}
