/** `belay questions code` and the server agree about the code, and only a person is shown it. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { commandLine } from '../../../src/cli/command-line.ts';
import { CODE_MS, isPersonCode } from '../../../src/http/questions/person-code.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { fakeWorld } from './fake-world.ts';

let scratch: Scratch;
beforeAll(() => {
  scratch = scratchBelay();
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 * CODE_MS });
});
afterAll(() => {
  vi.useRealTimers();
  scratch.close();
});

/** @param lines what a person types; undefined where nobody is there */
async function code(lines?: readonly string[]) {
  const world = fakeWorld(lines && { lines });
  const status = await commandLine(['--home', scratch.belay.home, 'questions', 'code'], world);
  return { status, ...world.terminal.written };
}

test('the code is good for five minutes, and for another five', async () => {
  const { home } = scratch.belay;
  const { out, status } = await code([]);
  expect([status, out]).toEqual([
    0,
    expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\n$/),
  ]);
  const nowMs = Date.now();
  for (const [ms, isGood] of [
    [0, true],
    [2 * CODE_MS - 1, true],
    [2 * CODE_MS, false],
    [-1, false],
  ] as const)
    expect(isPersonCode(home, out, nowMs + ms), `${ms}`).toBe(isGood);
  for (const wrong of ['', '0', `${out.trim()}0`, 'é'.repeat(4)])
    expect(isPersonCode(home, wrong, nowMs)).toBe(false);
  // of another folder
  const other = scratchBelay();
  expect(isPersonCode(other.belay.home, out, nowMs)).toBe(false);
  other.close();
});

test('no program is shown the code', async () => {
  const { out, err, status } = await code();
  expect([out, status === 0]).toEqual(['', false]);
  expect(err).toContain('the code is for a person');
});
