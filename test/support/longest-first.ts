/**
 * The order in which two workers take the files: those that take longest first, so that none of them
 * runs on alone in the end. vitest itself goes by what it remembers, and in a clean clone by size.
 */
import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By what they take on two cores; any other one comes last. */
const longest =
  // What is in test/crash; then what `npm test` runs, where there is a model too.
  'model kill defects sim flip strace terminate sim-short serve-kill power-cut many-processes install large mending contract file-operations pipes watch browser-support-store batch-memory time-zones-store stores-and-writes'.split(
    ' ',
  );

export class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => placeOf(a) - placeOf(b)));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = longest.indexOf(basename(moduleId, '.test.ts'));
  return place === -1 ? longest.length : place;
}
