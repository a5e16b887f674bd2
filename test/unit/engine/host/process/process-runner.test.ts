import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contents, type Fixture, openFixture, until } from './runner-fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = openFixture();
});
afterEach(() => {
  vi.unstubAllEnvs();
  fixture.close();
});

describe('what a step ends with', () => {
  it.each([0, 1, 3, 126, 200, 255])('exit code %i', async (code) => {
    expect((await fixture.run(`exit ${code}`)).code).toBe(code);
  });

  it('a signal, as shells count it', async () => {
    expect(await fixture.run('kill -TERM $$')).toMatchObject({ code: 143, signal: 'SIGTERM' });
  });

  it('its own end, not the pause before it, when it was stopped and went on', async () => {
    const { attempt, exit } = fixture.start('kill -STOP $$; exit 9');
    const pid = Number(await until(() => contents(fixture.path(attempt, 'status')).split(' ')[0]));
    await until(() => contents(`/proc/${pid}/stat`).includes(') T '));
    process.kill(pid, 'SIGCONT');
    expect((await exit).code).toBe(9);
  });

  it('a program that is not there: 127 and the words in the log', async () => {
    expect(await fixture.run('true', { shell: ['no-such-shell', '-c'] })).toMatchObject({
      code: 127,
      log: expect.stringContaining('no-such-shell'),
    });
  });

  it('a working directory that has vanished: 126 and the words in the log', async () => {
    expect(await fixture.run('true', { cwd: join(fixture.home, "it's gone") })).toMatchObject({
      code: 126,
      log: `working directory \`${fixture.home}/it's gone\` cannot be entered\n`,
    });
  });

  it.each([
    ['a script too long', { script: `: ${'x'.repeat(200_000)}` }, 'script is longer'],
    ['a value too long', { env: { BIG: 'x'.repeat(200_000) } }, '`BIG` is longer'],
    ['NUL', { env: { A: 'x\0y' } }, 'NUL'],
    ['a name that is none', { env: { 'a-b': '1' } }, '`a-b` is no name'],
    ['a name of the shell', { env: { UID: '1' } }, '`UID` belongs to the shell'],
  ])('%s: 126 and the words in the log', async (_, overrides, words) => {
    expect(await fixture.run('true', overrides)).toMatchObject({
      code: 126,
      log: expect.stringContaining(words),
    });
  });

  it('no shell to start with: 126 and the words in the log', async () => {
    vi.stubEnv('PATH', '/nowhere');
    expect(await fixture.run('true')).toMatchObject({
      code: 126,
      log: expect.stringContaining('no shell found'),
    });
  });

  it('goes on when the runs folder was removed under it', async () => {
    await fixture.run('true');
    rmSync(join(fixture.home, 'runs', 'r1'), { recursive: true });
    expect((await fixture.run('echo back')).log).toBe('back\n');
  });

  it('reports later than the call, and never after close', async () => {
    const seen: string[] = [];
    fixture.runner.start({ runId: 'r2', seq: 1 }, fixture.spec('true', { env: { 'a-b': '' } }), () =>
      seen.push('1'),
    );
    expect(seen).toEqual([]);
    await until(() => seen.length > 0);
    const attempt = { runId: 'r2', seq: 2 };
    fixture.runner.start(attempt, fixture.spec('echo ran'), () => seen.push('2'));
    fixture.runner.close();
    await until(() => contents(fixture.path(attempt, 'status')).includes('exit 0\n'));
    expect(seen).toEqual(['1']);
    expect(contents(fixture.path(attempt, 'log'))).toBe('ran\n');
  });
});

describe('what a step finds', () => {
  const environ = `tr '\\0' '\\n' </proc/$$/environ`;

  it('its environment and nothing else', async () => {
    vi.stubEnv('LEAK', '1');
    const { log } = await fixture.run(environ, {
      env: { PATH: '/usr/bin:/bin', A: '1', SHLVL: '3', PWD: '/x' },
    });
    expect(log.trim().split('\n').sort()).toEqual(
      ['A=1', 'BELAY_ATTEMPT=r1/1', 'PATH=/usr/bin:/bin', 'PWD=/x', 'SHLVL=3'].sort(),
    );
  });

  it('nothing of the step before it in the same lane', async () => {
    const PATH = process.env.PATH ?? '';
    await fixture.run('true', { env: { PATH, ONE: '1', BOTH: 'a' } });
    await fixture.run('true', { env: { PATH, BOTH: 'b' } });
    const { log } = await fixture.run(environ, { env: { PATH, BOTH: 'b', RANDOM: '7' } });
    expect(log).not.toContain('ONE=');
    expect(log).toContain('BOTH=b\n');
    expect(log).toContain('RANDOM=7\n');
  });

  it('a locale that the machine lacks, without a word in its log', async () => {
    const env = { PATH: process.env.PATH ?? '', LC_ALL: 'xx_YY', LANG: 'xx_YY' };
    const { log } = await fixture.run('echo "$LC_ALL $LANG"', { env, shell: ['sh', '-c'] });
    expect(log).toBe('xx_YY xx_YY\n');
  });

  it('its own marker, not one that was passed on', async () => {
    const env = { PATH: process.env.PATH ?? '', BELAY_ATTEMPT: 'other/1' };
    expect((await fixture.run('echo "$BELAY_ATTEMPT"', { env })).log).toBe('r1/1\n');
  });

  it('any value, byte for byte', async () => {
    const value = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0'));
    const awkward = fc.constantFrom(
      "'",
      "'\\''",
      '\n',
      '$(id)',
      '`id`',
      '\\',
      '"',
      '*',
      '-n',
      '!',
      'ü€😀',
      ' ',
      '',
    );
    const values = fc.array(fc.oneof(value, awkward), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(values, async (list) => {
        const env = Object.fromEntries(list.map((text, index) => [`V${index}`, text]));
        const names = Object.keys(env);
        const show = names.map((name) => `printf '%s\\0' "$${name}"`).join(';');
        const { log } = await fixture.run(show, { env: { ...env, PATH: process.env.PATH ?? '' } });
        expect(log).toBe(list.map((text) => `${Buffer.from(text).toString()}\0`).join(''));
      }),
      { numRuns: 40 },
    );
  });

  it('any script, byte for byte', async () => {
    const script = "echo 'it'\\''s' \"q\"\ncat <<'X'\n$HOME `x`\nX\n# end '";
    expect((await fixture.run(script)).log).toBe("it's q\n$HOME `x`\n");
  });

  it('its folder, the umask of the user, no terminal, an empty stdin, a process group of its own', async () => {
    const cwd = join(fixture.home, "a 'b' $c");
    mkdirSync(cwd);
    const { log } = await fixture.run(
      `pwd; umask; (: </dev/tty) 2>/dev/null || echo no tty; wc -c; group=$(ps -o pgid= -p $$); [ $group = $$ ] && echo own group; ls /proc/$$/fd >fds; wc -l <fds`,
      { cwd },
    );
    const umask = process.umask().toString(8).padStart(4, '0');
    expect(log.split('\n').map((line) => line.trim())).toEqual([
      cwd,
      umask,
      'no tty',
      '0',
      'own group',
      '3',
      '',
    ]);
  });

  it('a signal disposition as any program has it', async () => {
    expect((await fixture.run('grep SigIgn /proc/$$/status')).log).toMatch(/SigIgn:\s0000000000000000/);
  });
});

describe('what a step writes', () => {
  it('one log in the order of writing', async () => {
    const { log, stdout } = await fixture.run('for i in 1 2 3; do echo o$i; echo e$i >&2; done');
    expect(log).toBe('o1\ne1\no2\ne2\no3\ne3\n');
    expect(stdout).toBe('');
  });

  it('streams apart where they are wanted', async () => {
    const exit = await fixture.run('echo out; echo err >&2', { separate: ['stdout', 'stderr'] });
    expect(exit).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
  });

  it('only the wanted stream is reported', async () => {
    expect(await fixture.run('echo out; echo err >&2', { separate: ['stdout'] })).toMatchObject({
      stdout: 'out\n',
      stderr: '',
    });
  });

  it('for the eyes of its user only', async () => {
    const { attempt, exit } = fixture.start('echo secret');
    await exit;
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect(mode(fixture.path(attempt, 'log'))).toBe(0o600);
    expect(mode(fixture.path(attempt, 'status'))).toBe(0o600);
    expect(mode(join(fixture.home, 'runs', 'r1'))).toBe(0o700);
  });
});

describe('without bash', () => {
  it('sh and setsid do the same', async () => {
    const bin = join(fixture.home, 'bin');
    const { log: found } = await fixture.run(
      `mkdir bin; for p in sh setsid ps tr; do ln -s "$(command -v $p)" bin/$p; done; ls bin | wc -l`,
    );
    expect(found.trim()).toBe('4');
    const plain = openFixture();
    try {
      vi.stubEnv('PATH', bin);
      const shell = ['sh', '-eu', '-c'];
      const env = { PATH: bin, A: "it's" };
      const script = `echo "$A"; group=$(ps -o pgid= -p $$); [ $group = $$ ] && echo own group; exit 7`;
      expect(await plain.run(script, { shell, env })).toMatchObject({ code: 7, log: "it's\nown group\n" });
      const { log } = await plain.run(`tr '\\0' '\\n' </proc/$$/environ`, { shell, env });
      expect(log.trim().split('\n').sort()).toEqual(["A=it's", 'BELAY_ATTEMPT=r1/2', `PATH=${bin}`]);
    } finally {
      plain.close();
    }
  });
});
