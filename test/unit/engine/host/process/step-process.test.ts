import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptRef } from '../../../../../src/engine/core/ports.ts';
import { readStepLog } from '../../../../../src/engine/host/process/step-log.ts';
import { contents, type Fixture, lives, openFixture, until } from './runner-fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = openFixture();
});
afterEach(() => fixture.close());

const GRACE_MS = 5_000;
const pids = (attempt: AttemptRef, count: number) =>
  until(() => {
    const found = contents(fixture.path(attempt, 'log')).trim().split('\n').filter(Boolean).map(Number);
    return found.length >= count && found;
  });
/** A bash that is told to end while it is about to `exec` may miss it: wait until the program is there. */
const sleeps = (pid: number) => until(() => contents(`/proc/${pid}/comm`) === 'sleep\n');
const start = (script: string) =>
  fixture.start(script, { env: { PATH: process.env.PATH ?? '', STRAY_OF: fixture.home } });

describe('stop', () => {
  it('ends a step that heeds TERM, without waiting for the grace', async () => {
    const { attempt, exit } = start('echo $$; exec sleep 60');
    const [pid = 0] = await pids(attempt, 1);
    await sleeps(pid);
    fixture.runner.stop(attempt, 'timeout');
    expect(await exit).toMatchObject({ code: 143, signal: 'SIGTERM', stopped: 'timeout' });
    expect(fixture.clock.waiting).toBe(0);
  });

  it('kills after the grace what ignores TERM, children too', async () => {
    const { attempt, exit } = start(
      `trap '' TERM; echo $$; bash -c "trap '' TERM; echo \\$\\$; while :; do sleep 60 & wait; done" & wait`,
    );
    const members = await pids(attempt, 2);
    fixture.runner.stop(attempt, 'cancelled');
    await until(() => fixture.clock.waiting > 0);
    expect(members.every(lives)).toBe(true);
    fixture.clock.advance(GRACE_MS);
    expect(await exit).toMatchObject({ code: 137, signal: 'SIGKILL', stopped: 'cancelled' });
    expect(members.some(lives)).toBe(false);
  });

  it('leaves no survivor in a session of its own, even when the step itself goes at once', async () => {
    const { attempt, exit } = start(
      `echo $$; setsid bash -c "trap '' TERM; echo \\$\\$; while :; do sleep 60; done" & exec sleep 60`,
    );
    const members = await pids(attempt, 2);
    await until(() => members.some((pid) => contents(`/proc/${pid}/comm`) === 'sleep\n'));
    fixture.runner.stop(attempt, 'cancelled');
    await until(() => contents(fixture.path(attempt, 'status')).includes('exit'));
    expect(members.filter(lives)).toHaveLength(1);
    fixture.clock.advance(GRACE_MS);
    expect(await exit).toMatchObject({ stopped: 'cancelled' });
    expect(members.some(lives)).toBe(false);
  });

  it('reaches a step that is stopped in the same moment as it starts', async () => {
    const { attempt, exit } = start('sleep 60');
    fixture.runner.stop(attempt, 'cancelled');
    let ended = false;
    void exit.then(() => {
      ended = true;
    });
    // TERM may or may not be enough: the grace passes as soon as somebody waits for it.
    await until(() => {
      fixture.clock.advance(fixture.clock.waiting > 0 ? GRACE_MS : 0);
      return ended;
    });
    expect(await exit).toMatchObject({ stopped: 'cancelled' });
  });

  it('reaches the step of an earlier host', async () => {
    const { attempt } = start('echo $$; exec sleep 60');
    const [pid = 0] = await pids(attempt, 1);
    await sleeps(pid);
    const later = fixture.another();
    const exit = new Promise((resolve) => {
      expect(later.recover(attempt, fixture.spec(''), resolve)).toEqual({ kind: 'attached' });
    });
    later.stop(attempt, 'timeout');
    expect(await exit).toMatchObject({ code: 143, stopped: 'timeout' });
    expect(lives(pid)).toBe(false);
  });
});

describe('a flood of output', () => {
  const bytesMax = 100_000;
  const size = (attempt: AttemptRef, kind: string) => statSync(fixture.path(attempt, kind)).size;

  it('ends the step with `output_limit` and cuts the log', async () => {
    const { attempt, exit } = fixture.start('exec yes', { logBytesMax: bytesMax });
    expect(await exit).toMatchObject({ stopped: 'output_limit', truncated: true });
    expect(size(attempt, 'log')).toBe(bytesMax);
  });

  it('is found when the step ended between two looks', async () => {
    const { attempt, exit } = fixture.start('head -c 200000 /dev/zero', { logBytesMax: bytesMax });
    expect(await exit).toMatchObject({ code: 0, stopped: 'output_limit', truncated: true });
    expect(size(attempt, 'log')).toBe(bytesMax);
  });

  it('is cut by choice while the step runs on, first bytes kept', async () => {
    const { attempt, exit } = fixture.start(
      `echo first; head -c 300000 /dev/zero; until [ -e go ]; do sleep 0.01; done; echo last`,
      { logBytesMax: bytesMax, onLogLimit: 'truncate' },
    );
    await until(() => contents(fixture.path(attempt, 'log')).length === bytesMax);
    await fixture.run('touch go');
    const ended = await exit;
    expect(ended).toMatchObject({ code: 0, truncated: true });
    expect(ended.stopped).toBeUndefined();
    expect(size(attempt, 'log')).toBe(bytesMax);
    expect(contents(fixture.path(attempt, 'log')).startsWith('first\n')).toBe(true);
  });

  it('counts both streams together where they are apart', async () => {
    const { attempt, exit } = fixture.start(
      `echo kept >&2; until [ -s runs/r1/1.marks ]; do sleep 0.01; done; head -c 300000 /dev/zero`,
      { logBytesMax: bytesMax, onLogLimit: 'truncate', separate: ['stdout', 'stderr'] },
    );
    expect(await exit).toMatchObject({ code: 0, truncated: true, stderr: 'kept\n' });
    expect(size(attempt, 'out') + size(attempt, 'err')).toBe(bytesMax);
    expect(readStepLog(fixture.home, attempt, { bytesMax: 10 }).text.startsWith('kept\n')).toBe(true);
  });
});
