import { lstatSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { bytePath, fsPath } from '../../../src/checkpoint/path-text.ts';
import { setTimes } from '../../../src/checkpoint/set-times.ts';
import { scratch } from './snapshot.fixture.ts';

const timeOf = (at: string): bigint => lstatSync(fsPath(at), { bigint: true }).mtimeNs;

const TIMES = [
  0n,
  1n,
  5_000_000_000n,
  1_700_000_000_123_456_789n,
  4_000_000_000_999_999_999n,
  -1_500_000_000n,
];
const NAMES = [
  'plain',
  '-r',
  'new\nline',
  'back\\slash',
  'back\\012',
  '$(id)',
  '`id`',
  '\'"',
  'a@b',
  '@1',
  '\\xff\\xfe',
];

function files(): readonly string[] {
  const folder = scratch();
  return NAMES.map((name) => bytePath(join(folder, name)));
}

test('times are set to the nanosecond, whatever the name', () => {
  const stamps = files().map((at, index) => ({ at, mtimeNs: TIMES[index % TIMES.length] as bigint }));
  for (const { at } of stamps) writeFileSync(fsPath(at), '');
  setTimes(stamps);
  expect(stamps.map(({ at }) => timeOf(at))).toEqual(stamps.map(({ mtimeNs }) => mtimeNs));
});

test('more than a thousand different times are all right to the nanosecond', () => {
  const folder = scratch();
  const stamps = Array.from({ length: 1_100 }, (_, index) => ({
    at: join(folder, String(index)),
    mtimeNs: 1_700_000_000_123_456_789n + BigInt(index),
  }));
  for (const { at } of stamps) writeFileSync(at, '');
  setTimes(stamps);
  expect(stamps.filter(({ at, mtimeNs }) => timeOf(at) !== mtimeNs)).toEqual([]);
});

test('the time of a link is its own', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('file', join(folder, 'link'));
  const before = timeOf(join(folder, 'file'));
  setTimes([{ at: join(folder, 'link'), mtimeNs: 1_234_567_891n }]);
  expect(timeOf(join(folder, 'link'))).toBe(1_234_567_891n);
  expect(timeOf(join(folder, 'file'))).toBe(before);
});

test('without touch they are right to the microsecond, and a missing path stops nobody', () => {
  const folder = scratch();
  const at = join(folder, 'file');
  writeFileSync(at, '');
  vi.stubEnv('PATH', [folder].join(delimiter));
  const mtimeNs = 1_700_000_000_123_456_789n;
  setTimes([
    { at: join(folder, 'missing'), mtimeNs },
    { at, mtimeNs },
  ]);
  vi.unstubAllEnvs();
  const apartNs = timeOf(at) - mtimeNs;
  expect(apartNs > -1_000n && apartNs < 1_000n).toBe(true);
});
