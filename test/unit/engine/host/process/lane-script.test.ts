import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LEASE_MS } from '../../../../../src/engine/core/limits.ts';
import type { AttemptRef } from '../../../../../src/engine/core/ports.ts';
import type { ProcessExit } from '../../../../../src/engine/core/step-type.ts';
import { contents, type Fixture, lives, openFixture, until } from './runner-fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = openFixture();
});
afterEach(() => {
  vi.unstubAllEnvs();
  fixture.close();
});

describe('standard input', () => {
  it.each(['bash', 'sh'])('is the file that is given, under %s lanes', async (lanes) => {
    const path = join(fixture.home, "it's input");
    writeFileSync(path, 'a\nb\n');
    const bin = join(fixture.home, 'bin');
    await fixture.run(`mkdir bin; for p in sh setsid cat; do ln -s "$(command -v $p)" bin/$p; done`);
    const plain = openFixture();
    try {
      if (lanes === 'sh') vi.stubEnv('PATH', bin);
      const terms = { shell: ['sh', '-eu', '-c'], env: { PATH: bin }, stdin: path };
      expect(await plain.run('cat', terms)).toMatchObject({ code: 0, log: 'a\nb\n' });
    } finally {
      plain.close();
    }
  });

  it('does not stay for the next step', async () => {
    const path = join(fixture.home, 'input');
    writeFileSync(path, 'a\n');
    await fixture.run('cat', { stdin: path });
    expect((await fixture.run('cat')).log).toBe('');
  });

  it('that is not there: 126 and the words in the log', async () => {
    const stdin = join(fixture.home, 'no such');
    expect(await fixture.run('cat', { stdin })).toMatchObject({
      code: 126,
      log: `stdin \`${stdin}\` cannot be read\n`,
    });
  });
});

describe('variables that a lane holds for its steps', () => {
  it('change and go with the steps', async () => {
    const PATH = process.env.PATH ?? '';
    const show = 'echo "${HOME-none} ${GIT_PAGER-none} ${OTHER-none}"';
    const seen = async (env: object) => (await fixture.run(show, { env: { PATH, ...env } })).log.trim();
    expect(await seen({ HOME: '/a', GIT_PAGER: 'cat', OTHER: '1' })).toBe('/a cat 1');
    expect(await seen({ HOME: "/it's", GIT_PAGER: 'cat' })).toBe("/it's cat none");
    expect(await seen({ GIT_PAGER: 'less' })).toBe('none less none');
    expect(await seen({})).toBe('none none none');
  });

  it('are never those that mean something to the lane', async () => {
    const env = {
      PATH: '/nowhere',
      IFS: '0',
      TMOUT: '1',
      POSIXLY_CORRECT: '1',
      FUNCNEST: '1',
      _bt: '1',
      _br: 'x',
    };
    const terms = { env, shell: ['/bin/sh', '-c'] };
    for (const code of [3, 0]) expect((await fixture.run(`exit ${code}`, terms)).code).toBe(code);
    expect((await fixture.run('echo "$_bt $_br $FUNCNEST"', terms)).log).toBe('1 x 1\n');
  });
});

describe('a timeout that no host keeps', () => {
  const killGraceMs = 1_000;
  /** A second from the start, as the lane counts. */
  const timeoutMs = 1_000 - killGraceMs - LEASE_MS;
  const PATH = process.env.PATH ?? '';
  const terms = () => ({ timeoutMs, killGraceMs, env: { PATH, STRAY_OF: fixture.home } });
  const later = (attempt: AttemptRef): Promise<ProcessExit> =>
    new Promise((resolve) => {
      fixture.another().recover(attempt, fixture.spec(''), resolve);
    });
  const pidOf = (attempt: AttemptRef) => until(() => Number(contents(fixture.path(attempt, 'log')).trim()));

  it('is kept by the lane, and read by the next host', async () => {
    const { attempt } = fixture.start('echo $$; exec sleep 60', terms());
    const pid = await pidOf(attempt);
    fixture.runner.close();
    await until(() => contents(fixture.path(attempt, 'status')).includes('exit'));
    expect(lives(pid)).toBe(false);
    expect(await later(attempt)).toMatchObject({ code: 143, stopped: 'timeout' });
  });

  it('kills what does not heed TERM', async () => {
    const { attempt } = fixture.start(`trap '' TERM; echo $$; while :; do sleep 60 || :; done`, terms());
    await pidOf(attempt);
    fixture.runner.close();
    expect(await later(attempt)).toMatchObject({ code: 137, stopped: 'timeout' });
  });

  it('leaves nothing behind when the step ends in time', async () => {
    const { attempt, exit } = fixture.start('exit 7', { ...terms(), timeoutMs: 60_000 });
    expect((await exit).code).toBe(7);
    const lane = contents(fixture.path(attempt, 'status')).split('\n')[0]?.split(' ').at(-1);
    const session = (pid: string) => contents(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ');
    const watchers = () =>
      readdirSync('/proc').filter((pid) => session(pid)?.[3] === lane && pid !== lane && lives(Number(pid)));
    await until(() => watchers().length === 0);
    expect((await fixture.run('exit 8')).code).toBe(8);
  });
});
