/** Samples as they come, and the table that is made of them. */

/**
 * What is wanted of a figure, or of its ratio to another of the same work: to `of`, or to the least
 * of several. A figure may have to do with several of these.
 * @typedef {{ atMost?: number, atLeast?: number, of?: string | string[], aim?: number }} Wanted
 */

export class Results {
  /** By work, who did it and what was counted. */
  #figures = new Map();
  /** Several works may have the same to say. */
  #notes = new Set();

  /**
   * Adds one sample of what was counted; of what is wanted, the median counts.
   * @param {{ what: string, value: number, wanted?: Wanted | Wanted[] }} sample
   */
  add(work, subject, { what, value, wanted = [] }) {
    const name = JSON.stringify([work, subject, what]);
    const figure = this.#figures.get(name) ?? {
      work,
      subject,
      what,
      wanted: [wanted].flat(),
      samples: [],
    };
    figure.samples.push(value);
    this.#figures.set(name, figure);
  }

  /** Of the samples so far. */
  median(work, subject, what) {
    return medianOf(this.#figures.get(JSON.stringify([work, subject, what])).samples);
  }

  /** Something that a reader of the table should know. */
  note(text) {
    this.#notes.add(text);
  }

  toJSON() {
    return { figures: this.#summaries(), notes: [...this.#notes] };
  }

  table() {
    const header = ['who', 'what', 'median', 'from', 'to', 'n', 'ratio', 'wanted', ''];
    const lines = [];
    let work;
    for (const figure of this.#summaries()) {
      if (figure.work !== work) lines.push([], [figure.work]);
      work = figure.work;
      lines.push(...linesOf(figure));
    }
    const notes = [...this.#notes].map((text) => `note: ${text}`);
    return [...aligned([header, ...lines]), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
  }

  #summaries() {
    return [...this.#figures.values()].map((figure) => {
      const sorted = figure.samples.toSorted((a, b) => a - b);
      const median = medianOf(sorted);
      const wanted = figure.wanted.map((one) => {
        const ratio = this.#ratio(median, figure, one);
        return { ...one, ratio, isMet: isMet(one, ratio ?? median) };
      });
      return { ...figure, median, min: sorted[0], max: sorted.at(-1), wanted };
    });
  }

  /** Undefined where nothing else was measured that it could be one of. */
  #ratio(median, { work, what }, { of = [] }) {
    const others = [of]
      .flat()
      .map((subject) => this.#figures.get(JSON.stringify([work, subject, what])))
      .filter((figure) => figure !== undefined)
      .map(({ samples }) => medianOf(samples));
    return others.length === 0 ? undefined : median / Math.min(...others);
  }
}

export function medianOf(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Undefined where nothing was asked. */
function isMet({ atMost, atLeast }, value) {
  if (atMost !== undefined) return value <= atMost;
  return atLeast === undefined ? undefined : value >= atLeast;
}

/** One line for each thing that is wanted of it. */
function linesOf({ subject, what, median, min, max, samples, wanted }) {
  const figure = [
    `  ${subject}`,
    what,
    ...[median, min, max].map(shownNumber),
    String(samples.length),
  ];
  const [first = {}, ...others] = wanted;
  return [
    [...figure, ...wantedCells(first)],
    ...others.map((one) => ['', '', '', '', '', '', ...wantedCells(one)]),
  ];
}

function wantedCells({ ratio, isMet: met, ...wanted }) {
  return [
    ratio === undefined ? '' : `${ratio.toFixed(2)} ×`,
    wantedText(wanted, ratio === undefined),
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ];
}

function wantedText({ atMost, atLeast, of = [], aim }, isAlone) {
  const others = [of].flat();
  const name = others.length > 1 ? 'the best' : others[0];
  if (atMost === undefined && atLeast === undefined) return isAlone ? '' : `× ${name}`;
  const limit = atMost === undefined ? `≥ ${shownNumber(atLeast)}` : `≤ ${shownNumber(atMost)}`;
  const unit = name === undefined ? '' : ` × ${name}`;
  return `${limit}${unit}${aim === undefined ? '' : ` (aim ${shownNumber(aim)})`}`;
}

function shownNumber(number) {
  const digits = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 3;
  return Number(number.toFixed(digits)).toLocaleString('en-GB', { maximumFractionDigits: digits });
}

const numberColumns = new Set([2, 3, 4, 5, 6]);

/** Lines of one cell, which are headings, do not widen a column. */
function aligned(lines) {
  const rows = lines.filter((cells) => cells.length > 1);
  const widths = rows[0].map((_, at) => Math.max(...rows.map((cells) => cells[at].length)));
  return lines.map((cells) => {
    if (cells.length < 2) return cells.join('');
    const padded = cells.map((cell, at) =>
      numberColumns.has(at) ? cell.padStart(widths[at]) : cell.padEnd(widths[at]),
    );
    return padded.join('  ').trimEnd();
  });
}
