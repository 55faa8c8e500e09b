import { describe, expect, it } from 'vitest';
import { formatByteSize, parseByteSize } from '../../../src/cli/base/byte-size.js';
import { durationIn, parseDuration, parseMilliseconds } from '../../../src/cli/time/duration.js';

describe('a duration', () => {
  it.each([
    ['250ms', 250_000n],
    ['30s', 30_000_000n],
    ['15m', 900_000_000n],
    ['2h', 7_200_000_000n],
    ['7d', 604_800_000_000n],
    ['2w', 1_209_600_000_000n],
    ['1h30m', 5_400_000_000n],
    ['10us', 10n],
    ['10µs', 10n],
    ['1.5s', 1_500_000n],
    ['0.0000019s', 1n],
    ['0s', 0n],
    ['P1DT2H', 93_600_000_000n],
    ['PT0.5S', 500_000n],
    ['PT5M', 300_000_000n],
    ['P2W', 1_209_600_000_000n],
    ['P3D', 259_200_000_000n],
  ])('%s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each([
    '',
    's',
    '5',
    '5x',
    '30m1h',
    '1h1h',
    '1h foo',
    ' 1h',
    '-1h',
    'P',
    'PT',
    'P1DT',
    '1M',
    '1e3s',
  ])('%j is none', (text) => {
    expect(durationIn(text)).toBeUndefined();
    expect(() => parseDuration(text)).toThrow(/is no duration|needs a unit/);
  });

  it.each(['P1M', 'P1Y', 'P1Y2DT3H', '3mo', '1y'])('%s has no fixed length', (text) => {
    expect(() => parseDuration(text)).toThrow('no fixed length');
  });

  it('asks for a unit', () => {
    expect(() => parseDuration('5')).toThrow('5 needs a unit, as in 5s');
  });

  it('in milliseconds is never shorter than asked for', () => {
    expect(parseMilliseconds('5s')).toBe(5000);
    expect(parseMilliseconds('1us')).toBe(1);
    expect(parseMilliseconds('0s')).toBe(0);
  });
});

describe('a size', () => {
  it.each([
    ['67108864', 67_108_864],
    ['512B', 512],
    ['64M', 67_108_864],
    ['64MiB', 67_108_864],
    ['64mb', 67_108_864],
    ['1g', 1_073_741_824],
    ['8K', 8192],
  ])('%s', (text, expected) => {
    expect(parseByteSize(text)).toBe(expected);
  });

  it.each(['', 'M', '64X', '-1', '1.5M', '64 M', '99999999999G'])('%j is none', (text) => {
    expect(() => parseByteSize(text)).toThrow('is no size');
  });

  it('is shown to people', () => {
    expect(formatByteSize(0)).toBe('0 bytes');
    expect(formatByteSize(1536)).toBe('1.5 KiB');
    expect(formatByteSize(67_108_864)).toBe('64.0 MiB');
  });
});
