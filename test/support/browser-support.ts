/**
 * The oracle of fixtures/browser-support: answers from caniuse's own data, by walking a browser's
 * list of versions from its first to its last.
 */
import { readOracle } from './fixture.js';

interface Source {
  agents: Record<string, { version_list: { version: string; release_date: number | null }[] }>;
  data: Record<
    string,
    { stats: Record<string, Record<string, string>>; notes_by_num: Record<string, string> }
  >;
}

const meanings: Record<string, string> = {
  y: 'yes',
  a: 'partly',
  n: 'no',
  p: 'no, but a polyfill exists',
  u: 'unknown',
  x: 'with a prefix',
  d: 'behind a flag',
};

export class BrowserSupportOracle {
  readonly #source = readOracle('browser-support', 'source.json.gz') as Source;
  readonly features = Object.keys(this.#source.data);
  readonly browsers = Object.keys(this.#source.agents);

  /** The moments, in microseconds since 1970, at which a version of this browser came out. */
  releasesOf(browser: string): number[] {
    return this.#source.agents[browser]!.version_list.flatMap(({ release_date: seconds }) =>
      seconds === null ? [] : [seconds * 1_000_000],
    );
  }

  /** What the newest version that was out then supported; of two of one day, the later in the list. */
  supportAt(feature: string, browser: string, microseconds: number): string | undefined {
    let newest: { version: string; released: number } | undefined;
    for (const { version, release_date: seconds } of this.#source.agents[browser]!.version_list) {
      if (seconds === null || seconds * 1_000_000 > microseconds) continue;
      if (seconds >= (newest?.released ?? -Infinity)) newest = { version, released: seconds };
    }
    return newest && `${newest.version}: ${this.#describe(feature, browser, newest.version)}`;
  }

  #describe(feature: string, browser: string, version: string): string {
    const { stats, notes_by_num: notes } = this.#source.data[feature]!;
    let words = '';
    let notesText = '';
    for (const mark of stats[browser]![version]!.split(' ')) {
      if (mark.startsWith('#')) notesText += `; ${notes[mark.slice(1)]}`;
      else words += `${words === '' ? '' : ', '}${meanings[mark]}`;
    }
    return words + notesText;
  }
}
