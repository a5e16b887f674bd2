/** Who follows a log sees all of it, however it comes, and nothing of a secret. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFollower } from '../../../src/cli/log-follower.ts';
import type { JournalEvent } from '../../../src/engine/core/events.ts';
import type { RunState } from '../../../src/engine/core/state.ts';
import { attemptPath } from '../../../src/engine/host/process/attempt-files.ts';
import type { LogAccess } from '../../../src/tools/shown-log.ts';
import { fakeTerminal } from './fake-world.ts';

const RUN = 'r-1';
const STEP = { key: 'a', seq: 3, status: 'running', call: true, frame: {} };

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-follower-'));
  mkdirSync(dirname(path()), { recursive: true });
  process.env.BELAY_TEST_TOKEN = 'first line\nsecond line';
});
afterEach(() => {
  rmSync(home, { recursive: true });
  delete process.env.BELAY_TEST_TOKEN;
});

const path = () => attemptPath(home, { runId: RUN, seq: STEP.seq }, 'log');
const write = (text: string) => appendFileSync(path(), text);

function follow(tailLines?: number) {
  const run = {
    runId: RUN,
    workflow: { prerequisites: [{ kind: 'env', env: 'BELAY_TEST_TOKEN' }] },
    byKey: new Map([[STEP.key, STEP]]),
  } as unknown as RunState;
  const terminal = fakeTerminal();
  const follower = new LogFollower({ home } as LogAccess, terminal, STEP.key);
  follower.show(run, tailLines);
  const saw = (type: string) =>
    follower.event(run, { seq: 9, event: { type, step: STEP.key } } as JournalEvent);
  return { follower, saw, out: () => terminal.written.out };
}

test('a note or a question in between ends nothing', () => {
  write('one\n');
  const { follower, saw, out } = follow();
  saw('step.noted');
  saw('question.asked');
  write('two\n');
  follower.poll(RUN);
  expect(out()).toBe('one\ntwo\n');
});

test('what may be the beginning of a secret waits for how it goes on', () => {
  write('a first line\n');
  const { follower, saw, out } = follow();
  expect(out()).toBe('a ');
  write('second li');
  follower.poll(RUN);
  saw('step.noted');
  expect(out()).toBe('a ');
  write('ne z, first');
  follower.poll(RUN);
  expect(out()).toBe('a *** z, ');
  saw('step.succeeded');
  expect(out()).toBe('a *** z, first');
});

test('last lines that begin within a secret show nothing of it', () => {
  write('zero\na first line\nsecond line z\n');
  const { out } = follow(1);
  expect(out()).toBe('*** z\n');
});

test('last lines of a secret that is still being written wait too', () => {
  write('zero\na first line\nsec');
  const { follower, out } = follow(1);
  expect(out()).toBe('');
  write('ond line z\n');
  follower.poll(RUN);
  expect(out()).toBe('*** z\n');
});
