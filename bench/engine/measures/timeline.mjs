/** How quick collections of values by time are. In nanoseconds for each value, or each question. */
import { open } from '../../../dist/bundle/src/index.js';
import { newTimeline } from '../subjects/timelines.mjs';

/** Microseconds since 1970, ten apart. */
const first = 1_780_000_000_000_000;
const step = 10;
const questions = 100_000;
/** Of what takes no longer than the clock needs to tell it, thirty times as many. */
const quickQuestions = 3_000_000;
const small = 10;
/** Of what is measured often enough to be compiled, the last turn counts. */
const turnsFor = (events) => (events > 100_000 ? 2 : events > 10_000 ? 5 : 15);

const timeOf = (number) => first + number * step;
const valueOf = (number) => `value ${number}`;
/** Goes through all numbers, in no order. */
const shuffled = (number, count) => (number * 7_368_787) % count;

/** @param events how many; no multiple of 7,368,787 */
export async function timeline({ subject, events }) {
  const inOrder = Array.from({ length: events }, (_, number) => number);
  const outOfOrder = inOrder.map((number) => shuffled(number, events));
  let filled;
  const answers = {};
  for (let turn = 0; turn < turnsFor(events); turn++) {
    for (const [what, numbers] of Object.entries({ inOrder, outOfOrder })) {
      filled = await newTimeline(subject);
      answers[what] = insert(filled, numbers);
    }
    answers['outOfOrder, range'] = insert(await newTimeline(subject), outOfOrder, small);
  }
  return { ...answers, ...ask(filled, events) };
}

/**
 * With the first question for an order, for which some sort.
 * @param rangeOf goes through a range of so many, too, which nobody answers without an order
 */
function insert(collection, numbers, rangeOf = 0) {
  const times = Float64Array.from(numbers, timeOf);
  const values = numbers.map(valueOf);
  const startedAt = performance.now();
  for (let index = 0; index < times.length; index++) collection.add(times[index], values[index]);
  const earliest = collection.earliest();
  if (rangeOf > 0) goThrough(collection, numbers.length >>> 1, rangeOf);
  const took = performance.now() - startedAt;
  expectSame(earliest, valueOf(0));
  return (took / times.length) * 1e6;
}

function ask(collection, events) {
  const earliest = valueOf(0);
  const large = events / 10;
  return {
    earliest: each(quickQuestions, () => expectSame(collection.earliest(), earliest)),
    exact: each(questions, (index) => {
      const number = shuffled(index, events);
      if (collection.at(timeOf(number)) === undefined) throw new Error(`nothing at ${number}`);
    }),
    absent: each(questions, (index) => {
      expectSame(collection.at(timeOf(shuffled(index, events)) + 1), undefined);
    }),
    'small range': each(questionsOf(collection, 20_000, 1_000), (index) => {
      goThrough(collection, shuffled(index, events - small), small);
    }),
    'large range': each(questionsOf(collection, 200, 5), (index) => {
      goThrough(collection, shuffled(index, events - large), large);
    }),
  };
}

/** What looks at everything for each range is asked less often. */
function questionsOf(collection, count, few) {
  return collection.isSlowInRanges ? few : count;
}

function goThrough(collection, number, count) {
  const range = collection.range(timeOf(number), timeOf(number + count - 1));
  const length = collection.hasPairs ? lengthOfPairs(range) : lengthOfEntries(range);
  if (length < count * 'value 0'.length) throw new Error('values are missing');
}

function lengthOfEntries(range) {
  let length = 0;
  for (const { value } of range) length += value.length;
  return length;
}

function lengthOfPairs(range) {
  let length = 0;
  for (const pair of range) length += pair[1].length;
  return length;
}

function each(count, question) {
  let took = 0;
  for (let turn = 0; turn < 3; turn++) {
    const startedAt = performance.now();
    for (let index = 0; index < count; index++) question(index);
    took = performance.now() - startedAt;
  }
  return (took / count) * 1e6;
}

function expectSame(actual, expected) {
  if (actual !== expected) throw new Error(`${actual} in place of ${expected}`);
}

/** The same of a timeline in a store that is in memory: each value is a version, committed by itself. */
export async function storedTimeline({ events }) {
  const store = await open(':memory:');
  const collection = store.timeline('key');
  const answers = {};
  const startedAt = performance.now();
  for (let number = 0; number < events; number++) {
    await collection.add(timeOf(number), valueOf(number));
  }
  answers.inOrder = ((performance.now() - startedAt) / events) * 1e6;
  answers.earliest = each(questions, () => expectSame(collection.earliest().value, valueOf(0)));
  answers.exact = each(questions, (index) => {
    const number = shuffled(index, events);
    expectSame(collection.at(timeOf(number)).value, valueOf(number));
  });
  await store.close();
  return answers;
}
