import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptRef, Found, ProcessRunner } from '../../../../../src/engine/core/ports.ts';
import type { ProcessExit } from '../../../../../src/engine/core/step-type.ts';
import { BOOT, contents, type Fixture, lives, openFixture, until } from './runner-fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = openFixture();
});
afterEach(() => fixture.close());

interface Recovered {
  readonly kind: Found['kind'];
  readonly exit: Promise<ProcessExit>;
}

function recover(runner: ProcessRunner, attempt: AttemptRef): Recovered {
  let told: (exit: ProcessExit) => void = () => {};
  const exit = new Promise<ProcessExit>((resolve) => {
    told = resolve;
  });
  return { kind: runner.recover(attempt, fixture.spec(''), (found) => told(found)).kind, exit };
}

const status = (attempt: AttemptRef) => contents(fixture.path(attempt, 'status'));
const stepAndLane = (attempt: AttemptRef) =>
  until(() => {
    const words = status(attempt).split('\n').slice(0, -1)[0]?.split(' ');
    return words && { pid: Number(words[0]), lane: Number(words.at(-1)) };
  });
/** The first line that a process with these would have written. */
const firstLine = (pid: number, startTime: number, boot: string) =>
  `${pid} (a) b) S${' 0'.repeat(18)} ${startTime} 0 ${boot} 999999999\n`;
const fake = (attempt: AttemptRef, text: string) => {
  mkdirSync(dirname(fixture.path(attempt, 'status')), { recursive: true });
  writeFileSync(fixture.path(attempt, 'status'), text);
};
const attempt = { runId: 'r1', seq: 1 };
const heldOpen = { env: { PATH: process.env.PATH ?? '' } };
const waiting = 'echo $$; until [ -e go ]; do sleep 0.01; done; echo done; exit 4';

describe('an attempt of an earlier host', () => {
  it('that nobody began is given up, and a late lane runs nothing', async () => {
    expect(recover(fixture.another(), attempt).kind).toBe('never_started');
    const { exit } = fixture.start('touch ran');
    expect((await exit).code).toBeUndefined();
    expect(existsSync(join(fixture.home, 'ran'))).toBe(false);
    expect(recover(fixture.another(), attempt).kind).toBe('never_started');
  });

  it('that was given back and is taken again by the same host tells its end to the one who asked last', async () => {
    const { exit } = fixture.start(waiting, { ...heldOpen, cwd: fixture.home });
    let first = false;
    void exit.then(() => {
      first = true;
    });
    await until(() => contents(fixture.path(attempt, 'status')).includes('\n'));
    fixture.runner.leave('r1');
    const again = recover(fixture.runner, attempt);
    expect(again.kind).toBe('attached');
    writeFileSync(join(fixture.home, 'go'), '');
    expect(await again.exit).toMatchObject({ code: 4 });
    expect(first).toBe(false);
  });

  it('that had finished is read', async () => {
    await fixture.run('exit 9');
    const found = recover(fixture.another(), attempt);
    expect(found.kind).toBe('finished');
    expect(await found.exit).toMatchObject({ code: 9 });
  });

  it('that runs is attached to, with its logs', async () => {
    fixture.start(waiting, heldOpen);
    await stepAndLane(attempt);
    fixture.runner.close();
    const found = recover(fixture.another(), attempt);
    expect(found.kind).toBe('attached');
    writeFileSync(join(fixture.home, 'go'), '');
    expect(await found.exit).toMatchObject({ code: 4 });
    expect(contents(fixture.path(attempt, 'log'))).toContain('done\n');
  });

  it('of another boot is told as such, unless it had finished', () => {
    fake(attempt, firstLine(4_242, 1, 'boot-0'));
    expect(recover(fixture.another(), attempt).kind).toBe('rebooted');
    fake(attempt, `${firstLine(4_242, 1, 'boot-0')}exit 3\n`);
    expect(recover(fixture.another(), attempt).kind).toBe('finished');
  });

  it('whose pid is used by another process now has ended, unseen', async () => {
    fake(attempt, firstLine(process.pid, 1, BOOT));
    const found = recover(fixture.another(), attempt);
    expect(found.kind).toBe('finished');
    expect((await found.exit).code).toBeUndefined();
  });

  it.each(['', '12 34'])(
    'whose lane died before the step showed itself (%j) never started and never will',
    (text) => {
      fake(attempt, text);
      expect(recover(fixture.another(), attempt).kind).toBe('never_started');
      expect(existsSync(fixture.path(attempt, 'gone'))).toBe(true);
    },
  );

  it('does not become the step once it is marked gone', async () => {
    mkdirSync(dirname(fixture.path(attempt, 'gone')), { recursive: true });
    writeFileSync(fixture.path(attempt, 'gone'), '');
    await fixture.start('touch ran').exit;
    expect(existsSync(join(fixture.home, 'ran'))).toBe(false);
    expect(recover(fixture.another(), attempt).kind).toBe('never_started');
  });
});

describe('a lane that is killed', () => {
  it('leaves its step alone; the end of the step is unknown then', async () => {
    const { exit } = fixture.start(waiting, heldOpen);
    const { pid, lane } = await stepAndLane(attempt);
    process.kill(lane, 'SIGKILL');
    await until(() => !lives(lane));
    expect(lives(pid)).toBe(true);
    writeFileSync(join(fixture.home, 'go'), '');
    const ended = await exit;
    expect(ended).toMatchObject({ signal: 'SIGKILL' });
    expect(ended.code).toBeUndefined();
    expect(contents(fixture.path(attempt, 'log'))).toContain('done\n');
  });

  it('is replaced', async () => {
    await fixture.run('true');
    const { lane } = await stepAndLane(attempt);
    process.kill(lane, 'SIGKILL');
    expect((await fixture.run('exit 6')).code).toBe(6);
  });
});

describe('a host killed by kill -9', () => {
  const runner = new URL('../../../../../src/engine/host/process/process-runner.ts', import.meta.url)
    .pathname;
  const script = new URL('./host.process.ts', import.meta.url).pathname;

  it.each(Array.from({ length: 12 }, (_, round) => round))(
    'at a random moment (%i) loses no step and repeats none',
    async () => {
      const host = spawn(process.execPath, [script, fixture.home, runner, BOOT, '400'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const fate = Math.floor(Math.random() * 40);
      let begun: number[] = [];
      let text = '';
      host.stdout.on('data', (bytes) => {
        text += String(bytes);
        begun = text.split('\n').filter(Boolean).map(Number);
        if (begun.length > fate) setImmediate(() => host.kill('SIGKILL'));
      });
      await once(host, 'close');
      const later = fixture.another();
      const found = begun.map((seq) => ({ seq, ...recover(later, { runId: 'r1', seq }) }));
      for (const { seq, kind, exit } of found) {
        const starts = () => contents(join(fixture.home, `ledger.${seq}`));
        if (kind !== 'never_started') expect((await exit).code).toBe(5);
        expect(starts()).toBe(kind === 'never_started' ? '' : 'start\n');
      }
      // Three at once: a fourth begins only when one of them has ended.
      if (begun.length > 3) expect(found.map(({ kind }) => kind)).toContain('finished');
    },
  );
});
