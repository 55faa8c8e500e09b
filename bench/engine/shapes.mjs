/**
 * What is stored: keys × versions, in the order in which they arrive, and what must be answered.
 *
 * Row r holds version ⌊r / keys⌋ of one of the keys; within each turn of the keys they come in an
 * order of their own, which is far from the order of keys. Its timestamp is `first` + r, so that the
 * answer to every question follows from a formula: no store is believed because another one agrees.
 */

/** Close to now in milliseconds, so that every store has integers of the same kind to keep. */
const first = 1_750_000_000_000;
/** A prime that divides no number of keys here: multiplying by it puts the keys in another order. */
const stride = 7_919;
const poolBytes = 16 * 2 ** 20;

/** The same numbers each time, from 0 to below `limit`. */
function* numbersBelow(limit, seed = 1) {
  let state = seed >>> 0;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield Math.floor((state / 2 ** 32) * limit);
  }
}

/** Bytes that no compression makes smaller. Windows of it are the values. */
const pool = makePool();

function makePool() {
  const words = new Uint32Array(poolBytes / 4);
  let state = 0x9e3779b9;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return Buffer.from(words.buffer);
}

/** So many different ones of the kinds that compress. */
const differentValues = 4_096;

/** Kinds of values by name; all of a kind have one length. */
const kinds = {
  /** Bytes that no compression makes smaller: windows of the pool. */
  random: { valueBytes: 100 },
  /** What a sensor sends, as text. */
  numbers: tableOf((number) => (10 + (number % 9_000) / 100).toFixed(2)),
  /** What a service keeps of a device. */
  records: tableOf((number) => {
    const digits = String((number * 7_919) % 10_000).padStart(4, '0');
    const state = number % 3 === 0 ? 'idle' : 'busy';
    return `{"model":"TX-${digits}","state":"${state}","celsius":${20 + (number % 70)},"volts":230,"firmware":"4.2.${10 + (number % 80)}"}`;
  }),
};

function tableOf(textOf) {
  const values = Array.from({ length: differentValues }, (_, number) =>
    Buffer.from(textOf(number)),
  );
  return { valueBytes: values[0].length, values };
}

export class Shape {
  constructor({ keys, versions, values = 'random', window = 0 }) {
    if (keys % stride === 0) throw new RangeError(`a multiple of ${stride} keys`);
    this.keys = keys;
    this.versions = versions;
    this.rows = keys * versions;
    this.#kind = kinds[values];
    this.valueBytes = this.#kind.valueBytes;
    /** Rows arrive out of order by up to so many places. */
    this.window = window;
    this.first = first;
    /** One more than the last timestamp. */
    this.end = first + this.rows;
    this.#places = new Int32Array(keys);
    for (let place = 0; place < keys; place++) this.#places[(place * stride) % keys] = place;
  }

  /** Where in each turn a key comes. */
  #places;
  #kind;

  keyText(key) {
    return `device:${String(key).padStart(8, '0')}`;
  }

  /** Texts of all keys, each a flat string, as a program has them that parsed them. */
  keyTexts() {
    return Array.from({ length: this.keys }, (_, key) => flat(this.keyText(key)));
  }

  /** A view: whoever keeps it copies it. */
  value(row) {
    const start = Math.imul(row, 0x9e3779b1) >>> 0;
    const { values } = this.#kind;
    if (values !== undefined) return values[start % differentValues];
    const at = start % (poolBytes - this.valueBytes);
    return pool.subarray(at, at + this.valueBytes);
  }

  /** In the order of arrival: key as text, timestamp, value. */
  *arriving(texts = this.keyTexts()) {
    for (const row of this.#arrivals()) {
      yield { key: texts[this.keyOf(row)], at: first + row, value: this.value(row) };
    }
  }

  /** The same, with a new string each time: nothing is held in memory for all keys. */
  *arrivingByThemselves() {
    for (const row of this.#arrivals()) {
      yield { key: this.keyText(this.keyOf(row)), at: first + row, value: this.value(row) };
    }
  }

  /** By key, and then in time: quicker to load for whoever keeps a tree. */
  *inKeyOrder() {
    for (let key = 0; key < this.keys; key++) {
      const text = this.keyText(key);
      for (const row of this.rowsOf(key)) {
        yield { key: text, at: first + row, value: this.value(row) };
      }
    }
  }

  /** The row that a key's value as of a time is from; −1 if there is none yet. */
  rowAsOf(key, time) {
    const place = this.#places[key];
    const last = Math.min(time - first, this.rows - 1);
    if (last < place) return -1;
    return Math.floor((last - place) / this.keys) * this.keys + place;
  }

  /** All rows of a key, oldest first. */
  rowsOf(key) {
    const place = this.#places[key];
    return Array.from({ length: this.versions }, (_, version) => version * this.keys + place);
  }

  /** Questions whose keys are strings of their own. */
  questions(count, seed) {
    const keys = numbersBelow(this.keys, seed);
    const times = numbersBelow(this.rows, seed + 1);
    return Array.from({ length: count }, () => {
      const key = keys.next().value;
      const at = first + times.next().value;
      return { key, text: flat(this.keyText(key)), at, row: this.rowAsOf(key, at) };
    });
  }

  /** Whose version a row is. */
  keyOf(row) {
    return ((row % this.keys) * stride) % this.keys;
  }

  *#arrivals() {
    if (this.window === 0) {
      for (let row = 0; row < this.rows; row++) yield row;
      return;
    }
    const order = new Int32Array(this.window);
    const draws = numbersBelow(2 ** 31, 7);
    for (let start = 0; start < this.rows; start += this.window) {
      const count = Math.min(this.window, this.rows - start);
      for (let i = 0; i < count; i++) order[i] = start + i;
      for (let i = count - 1; i > 0; i--) {
        const other = draws.next().value % (i + 1);
        [order[i], order[other]] = [order[other], order[i]];
      }
      for (let i = 0; i < count; i++) yield order[i];
    }
  }
}

/** Short numbers as text, of keys that come as they like: what sensors send. */
export class Readings {
  valueBytes = 5;

  constructor({ keys, rows }) {
    this.keys = keys;
    this.rows = rows;
  }

  *arriving() {
    const texts = Array.from(
      { length: this.keys },
      (_, key) => `device:${`${key}`.padStart(8, '0')}`,
    );
    const keys = numbersBelow(this.keys, 3);
    const pauses = numbersBelow(40, 5);
    let at = first * 1_000;
    for (let row = 0; row < this.rows; row++) {
      at += 1 + pauses.next().value;
      yield { key: texts[keys.next().value], at, value: numberText(row) };
    }
  }
}

/** A reading of a sensor: four or five characters. */
function numberText(row) {
  const reading = (Math.imul(row, 0x9e3779b1) >>> 0) % 4_000;
  return Buffer.from((reading / 100).toFixed(2), 'latin1');
}

/** A string with no parts, whose hash nobody has computed. */
function flat(text) {
  return Buffer.from(text, 'latin1').latin1Slice();
}
