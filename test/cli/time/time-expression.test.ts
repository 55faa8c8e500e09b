import { describe, expect, it } from 'vitest';
import { parseTime, type TimeContext } from '../../../src/cli/time/time-expression.js';
import { localZone, parseZone } from '../../../src/cli/time/time-zone.js';

const minute = 60_000_000;
const hour = 60 * minute;
const day = 24 * hour;
/** 2026-11-20T12:00Z */
const now = Date.UTC(2026, 10, 20, 12) * 1000;

function context(zone = 'UTC', unit: 'us' | 'tick' = 'us'): TimeContext {
  return { unit, zone, now: () => now };
}

function utc(text: string): number {
  return Date.parse(text) * 1000;
}

/** What the expression is refused with. */
async function refusal(text: string, zone?: string, unit?: 'us' | 'tick'): Promise<string> {
  try {
    return `accepted as ${await parseTime(text, context(zone, unit))}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('an integer', () => {
  it.each([
    ['1700000000000000', 1_700_000_000_000_000],
    ['-5', -5],
    ['0', 0],
    ['-0', 0],
    ['007', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', -Number.MAX_SAFE_INTEGER],
  ])('%s stands as it is', (text, expected) => {
    expect(Object.is(parseTime(text, context()), expected)).toBe(true);
    expect(Object.is(parseTime(text, context('UTC', 'tick')), expected)).toBe(true);
  });

  it('that is too large gets a hint', async () => {
    expect(await refusal('1700000000123456789')).toBe(
      '1700000000123456789 is too large for a timestamp; for nanoseconds since 1970 write @1700000000123456789ns',
    );
    expect(await refusal('9007199254740992')).toContain('too large');
    expect(await refusal('-9007199254740992')).toContain('too small');
    expect(await refusal('9007199254740992', 'UTC', 'tick')).not.toContain('nanoseconds');
  });
});

describe('a time since 1970', () => {
  it.each([
    ['@1700000000', 1_700_000_000_000_000],
    ['@1700000000.25', 1_700_000_000_250_000],
    ['@1700000000123ms', 1_700_000_000_123_000],
    ['@1700000000123456us', 1_700_000_000_123_456],
    ['@1700000000123456µs', 1_700_000_000_123_456],
    ['@1700000000123456789ns', 1_700_000_000_123_456],
    ['@-1', -1_000_000],
    ['@5s', 5_000_000],
    ['@0.0000009', 0],
    ['@-0.0000001', -1],
    ['@-1ns', -1],
    ['@1.0005ms', 1000],
    ['@9007199254.740991', Number.MAX_SAFE_INTEGER],
  ])('%s is exact, and rounded down below a microsecond', (text, expected) => {
    expect(parseTime(text, context())).toBe(expected);
  });

  it('is refused beyond the range', async () => {
    expect(await refusal('@9007199254740991')).toContain('out of range');
    expect(await refusal('@-9007199255')).toContain('out of range');
  });
});

describe('an instant', () => {
  it.each([
    ['2026-03-29T01:00Z', '2026-03-29T01:00:00Z'],
    ['2026-03-29T01:00z', '2026-03-29T01:00:00Z'],
    ['2026-03-29T01:00+02:00', '2026-03-28T23:00:00Z'],
    ['2026-03-29 01:00:00.25-0530', '2026-03-29T06:30:00.250Z'],
    ['2026-03-29T01+02', '2026-03-28T23:00:00Z'],
    ['2026-03-29T01:00[Europe/Berlin]', '2026-03-29T00:00:00Z'],
    ['2026-03-29[Europe/Berlin]', '2026-03-28T23:00:00Z'],
    ['2026-07-01T12:00+02:00[Europe/Berlin]', '2026-07-01T10:00:00Z'],
    ['2026-07-01T12:00Z[Europe/Berlin]', '2026-07-01T12:00:00Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
    ['2024-02-29T00:00Z', '2024-02-29T00:00:00Z'],
  ])('%s is the same whatever the zone', async (text, expected) => {
    expect(await parseTime(text, context('America/New_York'))).toBe(utc(expected));
  });

  it('is rounded down to a microsecond', () => {
    expect(parseTime('2026-01-01T00:00:00.1234567Z', context())).toBe(
      utc('2026-01-01T00:00:00Z') + 123_456,
    );
    expect(parseTime('1969-12-31T23:59:59.9999999Z', context())).toBe(-1);
  });

  it.each([
    ['2026-02-30', 'there is no such day'],
    ['2026-00-10', 'there is no such day'],
    ['2026-13-10T00:00Z', 'there is no such day'],
    ['2025-02-29T00:00Z', 'there is no such day'],
    ['2026-03-29T24:00', 'there is no such time of day'],
    ['2026-03-29T01:60Z', 'there is no such time of day'],
    ['2026-03-29T01:00:60Z', 'there is no such time of day'],
    ['2026-03-29T01:00+99:00', 'there is no such offset'],
    ['1600-01-01T00:00Z', 'out of range'],
    ['0001-01-01', 'out of range'],
    ['9999-01-01', 'out of range'],
    ['2026-03-29T01:00+05:00[Europe/Berlin]', 'that is not the offset of Europe/Berlin then'],
    ['2026-03-29T02:30+01:00[Europe/Berlin]', 'that is not the offset of Europe/Berlin then'],
    ['2026-03-29T01:00[Mars/Olympus]', '"Mars/Olympus" is no time zone'],
    ['2026-3-29', 'is no time'],
    ['2026-03', 'is no time'],
    ['2026-03-29Z', 'is no time'],
    ['29.03.2026', 'is no time'],
  ])('%s is refused: %s', async (text, expected) => {
    expect(await refusal(text)).toContain(expected);
  });
});

describe('a local time', () => {
  it.each([
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
    ['2026-03-29T01:00', 'Europe/Berlin', '2026-03-29T00:00:00Z'],
    ['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['2026-03-29 01:00:00.25', 'America/New_York', '2026-03-29T05:00:00.250Z'],
    ['2026-11-20T09:30', 'Asia/Kolkata', '2026-11-20T04:00:00Z'],
    ['2026-11-20T09:30', '+02:00', '2026-11-20T07:30:00Z'],
    ['2026-10-25T02:30+01:00[Europe/Berlin]', 'UTC', '2026-10-25T01:30:00Z'],
    ['2026-10-25T02:30+02:00[Europe/Berlin]', 'UTC', '2026-10-25T00:30:00Z'],
  ])('%s in %s', async (text, zone, expected) => {
    expect(await parseTime(text, context(zone))).toBe(utc(expected));
  });

  it('that does not exist is refused, naming both instants', async () => {
    expect(await refusal('2026-03-29T02:30', 'Europe/Berlin')).toBe(
      '2026-03-29T02:30 does not exist in Europe/Berlin; write 2026-03-29T01:30+01:00 or 2026-03-29T03:30+02:00',
    );
  });

  it('that exists twice is refused, naming both instants', async () => {
    expect(await refusal('2026-10-25T02:30:00.5', 'Europe/Berlin')).toBe(
      '2026-10-25T02:30:00.5 exists twice in Europe/Berlin; write 2026-10-25T02:30:00.500000+02:00 or 2026-10-25T02:30:00.500000+01:00',
    );
    expect(await refusal('2026-11-01T01:15', 'America/New_York')).toContain('exists twice');
  });

  it('is midnight where only a date is written, even if there was none', async () => {
    expect(await refusal('2018-11-04', 'America/Sao_Paulo')).toContain('does not exist');
  });
});

describe('a time by the clock', () => {
  it.each([
    ['now', now],
    ['NOW', now],
    ['-2h', now - 2 * hour],
    ['+30m', now + 30 * minute],
    ['2h ago', now - 2 * hour],
    ['1h30m  ago', now - 90 * minute],
    ['now-7d', now - 7 * day],
    ['now + 1d', now + day],
    ['now-P1DT2H', now - 26 * hour],
    ['-1.5h', now - 90 * minute],
    ['-250ms', now - 250_000],
  ])('%s is relative to now', (text, expected) => {
    expect(parseTime(text, context())).toBe(expected);
  });

  it.each([
    ['today', 'UTC', '2026-11-20T00:00:00Z'],
    ['yesterday', 'UTC', '2026-11-19T00:00:00Z'],
    ['tomorrow', 'UTC', '2026-11-21T00:00:00Z'],
    ['today', 'Asia/Tokyo', '2026-11-19T15:00:00Z'],
    ['today', 'Pacific/Kiritimati', '2026-11-20T10:00:00Z'],
    ['tomorrow', 'America/Los_Angeles', '2026-11-21T08:00:00Z'],
  ])('%s in %s is the first moment of that day', async (word, zone, expected) => {
    expect(await parseTime(word, context(zone))).toBe(utc(expected));
  });

  it('counts a day by the calendar, not by 24 hours', async () => {
    const spring = { ...context('Europe/Berlin'), now: () => utc('2026-03-30T10:00:00Z') };
    expect(await parseTime('yesterday', spring)).toBe(utc('2026-03-28T23:00:00Z'));
    const skipped = { ...context('America/Sao_Paulo'), now: () => utc('2018-11-04T15:00:00Z') };
    expect(await parseTime('today', skipped)).toBe(utc('2018-11-04T03:00:00Z'));
  });

  it.each(['5m', '2h', '1h30m'])('%s gets: did you mean -…?', async (text) => {
    expect(await refusal(text)).toBe(`"${text}" is a duration, not a time; did you mean -${text}?`);
  });

  it.each([
    '',
    ' ',
    'noon',
    'latest',
    '1.5',
    '-1 month',
    '+',
    '-',
    '--5',
    '5 ago',
    'now-',
    'next week',
  ])('%j is refused', async (text) => {
    expect(await refusal(text)).not.toContain('accepted');
  });
});

describe('a tick store', () => {
  it.each(['now', '-2h', 'today', '@5', '2026-03-29', '2026-03-29T01:00Z', '5m', '2h ago'])(
    'refuses %s',
    async (text) => {
      expect(await refusal(text, 'UTC', 'tick')).toContain('this store counts ticks');
    },
  );
});

describe('the time zone', () => {
  it.each([
    [undefined, { TZ: 'Europe/Berlin' }, 'Europe/Berlin'],
    ['Asia/Tokyo', { TZ: 'Europe/Berlin' }, 'Asia/Tokyo'],
    [undefined, { TZ: ':Europe/Berlin' }, 'Europe/Berlin'],
    [undefined, { TZ: '/usr/share/zoneinfo/Europe/Berlin' }, 'Europe/Berlin'],
    [undefined, { TZ: '' }, 'UTC'],
    [undefined, {}, Intl.DateTimeFormat().resolvedOptions().timeZone],
  ])('is --tz %j, else $TZ %j', (option, environment, expected) => {
    expect(localZone(option, environment)).toBe(expected);
  });

  it('is refused where it is unknown', async () => {
    expect(() => parseZone('Nowhere')).toThrow('"Nowhere" is no time zone');
    expect(parseZone('+02:00')).toBe('+02:00');
    expect(await refusal('2026-03-29', 'CET-1CEST')).toContain('"CET-1CEST" is no time zone');
  });
});
