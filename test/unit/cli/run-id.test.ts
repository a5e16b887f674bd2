import { expect, test } from 'vitest';
import { wholeRunId } from '../../../src/cli/run-id.ts';
import type { Belay } from '../../../src/tools/belay.ts';

const RUNS = ['r-aa1', 'r-aa2', 'r-ab1', 'r-ab'];
const journal = {
  run: (id: string) => (RUNS.includes(id) ? {} : undefined),
  runIds: (prefix: string, limit: number) => RUNS.filter((id) => id.startsWith(prefix)).slice(0, limit),
};
const belay = { journal } as unknown as Belay;

test.each([
  ['r-aa1', 'r-aa1'],
  ['r-ab', 'r-ab'],
  ['r-ab1', 'r-ab1'],
  ['r-zz', 'r-zz'],
  ['', ''],
])('`%s` means `%s`', (typed, whole) => expect(wholeRunId(belay, typed)).toBe(whole));

test('the beginning of several runs names them', () => {
  expect(() => wholeRunId(belay, 'r-aa')).toThrow('`r-aa` is the beginning of `r-aa1`, `r-aa2`');
});
