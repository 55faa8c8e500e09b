/**
 * Draws a number over time in lines of text. Each column of dots stands for a span of time, and shows
 * all values between the least and the greatest one that was valid in it: however many versions
 * there are, no peak is lost, and memory does not grow with them.
 */

export interface PlotFrame {
  /** The times at the left and right edge, both included. */
  from: number;
  to: number;
  /** Characters for the drawing without its labels. */
  width: number;
  height: number;
  /** Only ASCII: for terminals that can show nothing else. */
  isPlain: boolean;
}

/** How many dots a character has: braille ones are two wide and four high. */
const brailleDots = { across: 2, down: 4 };
const plainDots = { across: 1, down: 1 };
/** The bit of each dot in a braille character, by column and row (Unicode, chapter 21.1). */
const brailleBits = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];
const brailleBlank = 0x2800;

export class Plot {
  readonly #frame: PlotFrame;
  readonly #dots: { across: number; down: number };
  readonly #least: Float64Array;
  readonly #greatest: Float64Array;
  #held: { value: number; column: number; until: number } | undefined;

  constructor(frame: PlotFrame) {
    this.#frame = frame;
    this.#dots = frame.isPlain ? plainDots : brailleDots;
    const columns = frame.width * this.#dots.across;
    this.#least = new Float64Array(columns).fill(Infinity);
    this.#greatest = new Float64Array(columns).fill(-Infinity);
  }

  /**
   * From here on this number is valid, or none.
   * @param timestamp not before that of the last call
   * @param until the first time at which it is not valid any more, whatever comes
   */
  add(timestamp: number, value: number | undefined, until = Infinity): void {
    const column = this.#column(timestamp);
    this.#drawHeld(column, timestamp);
    this.#held = value === undefined ? undefined : { value, column, until };
  }

  get isEmpty(): boolean {
    return this.#held === undefined && this.#greatest.every((value) => value === -Infinity);
  }

  /** The drawing, with the numbers at its left and the times below it. */
  lines(label: (timestamp: number) => string): string[] {
    const { from, to, width, height, isPlain } = this.#frame;
    this.#drawHeld(this.#least.length - 1, Infinity);
    this.#held = undefined;
    const { least, greatest } = this.#range();
    const rows = this.#rows(least, greatest);
    const labelled = [0, Math.floor((height - 1) / 2), height - 1];
    const numbers = rows.map((_, row) =>
      labelled.includes(row)
        ? shortNumber(greatest - (row / (height - 1)) * (greatest - least))
        : '',
    );
    const margin = Math.max(...numbers.map((text) => text.length));
    const [tick, side, corner, line] = isPlain ? '||+-' : '┤│└─';
    const drawn = rows.map((row, index) => {
      const number = numbers[index] ?? '';
      return `${number.padStart(margin)} ${number === '' ? side : tick}${row}`.trimEnd();
    });
    const [first, last] = [label(from), label(to)];
    const gap = Math.max(2, width - first.length - last.length);
    return [
      ...drawn,
      `${' '.repeat(margin)} ${corner}${line?.repeat(width)}`,
      `${' '.repeat(margin + 2)}${first}${' '.repeat(gap)}${last}`,
    ];
  }

  #column(timestamp: number): number {
    const { from, to } = this.#frame;
    const share = (timestamp - from) / Math.max(1, to - from);
    const last = this.#least.length - 1;
    return Math.min(last, Math.max(0, Math.round(share * last)));
  }

  /** Draws the number that was valid so far up to a column. */
  #drawHeld(column: number, timestamp: number): void {
    if (this.#held === undefined) return;
    const { value, column: first, until } = this.#held;
    const end = until < timestamp ? Math.min(column, this.#column(until)) : column;
    for (let at = first; at <= end; at++) {
      if (value < (this.#least[at] ?? 0)) this.#least[at] = value;
      if (value > (this.#greatest[at] ?? 0)) this.#greatest[at] = value;
    }
  }

  #range(): { least: number; greatest: number } {
    const least = this.#least.reduce((a, b) => Math.min(a, b), Infinity);
    const greatest = this.#greatest.reduce((a, b) => Math.max(a, b), -Infinity);
    return least < greatest ? { least, greatest } : { least: least - 1, greatest: greatest + 1 };
  }

  #rows(least: number, greatest: number): string[] {
    const { width, height, isPlain } = this.#frame;
    const { across, down } = this.#dots;
    const cells = new Uint8Array(width * height);
    const lowest = height * down - 1;
    const level = (value: number) => Math.round(((greatest - value) / (greatest - least)) * lowest);
    for (const [column, top] of this.#greatest.entries()) {
      if (top === -Infinity) continue;
      for (let row = level(top); row <= level(this.#least[column] ?? top); row++) {
        const cell = Math.floor(row / down) * width + Math.floor(column / across);
        cells[cell] = (cells[cell] ?? 0) | (brailleBits[column % across]?.[row % down] ?? 0);
      }
    }
    const shown = (bits: number) => {
      if (isPlain) return bits === 0 ? ' ' : '*';
      return String.fromCharCode(brailleBlank + bits);
    };
    return Array.from({ length: height }, (_, row) =>
      Array.from(cells.subarray(row * width, (row + 1) * width), shown).join(''),
    );
  }
}

/** At most six digits that matter. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** The bytes as a number, if they are one as people and programs write them. */
export function numberIn(bytes: Buffer): number | undefined {
  if (bytes.length > 64) return undefined;
  const text = bytes.toString().trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}
