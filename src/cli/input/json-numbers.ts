/** Numbers in JSON as they are written: `JSON.parse` makes 19.9 of 19.90, and rounds long ones. */

const number = /-?\d[-+.\deE]*/g;

/** The same JSON with each number in quotes. It has to be JSON already. */
export function withQuotedNumbers(json: string): string {
  const parts: string[] = [];
  for (let position = 0; position < json.length;) {
    const quote = json.indexOf('"', position);
    const opening = quote === -1 ? json.length : quote;
    const end = quote === -1 ? json.length : endOfString(json, quote);
    parts.push(json.slice(position, opening).replaceAll(number, '"$&"'), json.slice(opening, end));
    position = end;
  }
  return parts.join('');
}

/** The place behind the quote that closes the string that is opened here. */
function endOfString(json: string, opening: number): number {
  let closing = json.indexOf('"', opening + 1);
  while (isEscaped(json, closing)) closing = json.indexOf('"', closing + 1);
  return closing + 1;
}

function isEscaped(json: string, place: number): boolean {
  let backslashes = 0;
  while (json[place - backslashes - 1] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}
