/** As-of lookups on the fixtures, with the oracles' answers. */
import type { BrowserSupportOracle } from './browser-support.js';
import type { Random } from './random.js';
import type { TimeZoneOracle } from './tzif.js';

export interface Question {
  key: string;
  /** Microseconds since 1970. */
  at: number;
  /** What the oracle says. */
  answer: string | undefined;
}

const randomCount = 100_000;
const start1970 = 0;
const end2037 = Date.UTC(2038) * 1000;

/** Where a value changes: the moment itself, and a microsecond and a second to either side. */
const nearby = [-1_000_000, -1, 0, 1, 1_000_000];

/** 100,000 random ones. */
export function randomTimeZoneQuestions(oracle: TimeZoneOracle, random: Random): Question[] {
  const { names } = oracle;
  return Array.from({ length: randomCount }, () => {
    const key = random.pick(names);
    const at = random.integer(start1970, end2037);
    return { key, at, answer: oracle.stateAt(key, at) };
  });
}

/**
 * Those around every moment at which something changes, by the compiled files or by the fixture.
 * @param distances from that moment, in microseconds
 */
export function edgeTimeZoneQuestions(
  oracle: TimeZoneOracle,
  instantsOf: (name: string) => number[],
  distances: readonly number[] = nearby,
): Question[] {
  return oracle.names.flatMap((key) => {
    const instants = new Set([...oracle.instantsOf(key), ...instantsOf(key)]);
    return [...instants, start1970, end2037]
      .flatMap((instant) => distances.map((distance) => instant + distance))
      .filter((at) => at >= start1970 && at < end2037)
      .map((at) => ({ key, at, answer: oracle.stateAt(key, at) }));
  });
}

/** 100,000 random ones, every second of them within a second of a release. */
export function browserSupportQuestions(oracle: BrowserSupportOracle, random: Random): Question[] {
  const releases = new Map(
    oracle.browsers.map((browser) => [browser, oracle.releasesOf(browser)] as const),
  );
  return Array.from({ length: randomCount }, (_, i) => {
    const feature = random.pick(oracle.features);
    const browser = random.pick(oracle.browsers);
    const at =
      i % 2 === 0
        ? random.integer(Date.UTC(1995) * 1000, Date.UTC(2030) * 1000)
        : random.pick(releases.get(browser)!) + random.pick(nearby);
    return { key: `${feature}/${browser}`, at, answer: oracle.supportAt(feature, browser, at) };
  });
}

/** The questions that get another answer than the oracle's; of many, the first twenty. */
export function wrongAnswers(
  questions: readonly Question[],
  get: (key: string, at: number) => string | undefined,
): (Question & { got: string | undefined })[] {
  return questions
    .map((question) => ({ ...question, got: get(question.key, question.at) }))
    .filter(({ answer, got }) => got !== answer)
    .slice(0, 20);
}
