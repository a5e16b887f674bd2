/** The programs under the shells that stand behind `/bin/sh` elsewhere; the other tests use the one that is here. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { collectProgram, endProgram, followProgram } from '../../../../src/steps/ssh/detached-program.ts';
import { supervisedProgram } from '../../../../src/steps/ssh/remote-program.ts';
import type { SshCommand } from '../../../../src/steps/ssh/ssh-call.ts';
import { until } from './sshd.ts';

const VALUE = 'a\'b\n\u0081\u0088é$x`y`"\\';
const COMMAND: SshCommand = {
  script: 'printf "%s" "$V"',
  env: { V: VALUE },
  logBytesMax: 1,
  onLogLimit: 'fail',
  killGraceMs: 200,
  reads: [],
  isBegun: false,
  repeatable: false,
};
const FROM_START = { stdout: 0, stderr: 0 };

interface Ran {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>;
}

/** As a server would start it: in a session of its own, standard input open. */
function run(shell: readonly string[], home: string, program: string): Ran {
  const env = { HOME: home, PATH: '/usr/bin:/bin', SSH_CLIENT: '127.0.0.1 1 2' };
  const child = spawn(shell[0] as string, shell.slice(1), { env, detached: true });
  const seen = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    seen.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    seen.err += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.write(program);
  const ended = new Promise<Awaited<Ran['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...seen }));
  });
  return { child, ended };
}

describe.each([
  ['dash', ['dash']],
  ['bash as sh', ['bash', '--posix']],
])('%s', (_, shell) => {
  const scratch = () => {
    const home = mkdtempSync(join(tmpdir(), 'belay-ssh-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    return home;
  };
  const lives = (file: string) => existsSync(`/proc/${readFileSync(file, 'utf8').trim()}`);

  test('runs the script with its values, in its own place', async () => {
    const home = scratch();
    expect(await run(shell, home, supervisedProgram(COMMAND, 'M:')).ended).toEqual({
      ...{ code: 0, signal: null, out: `M:go\n${VALUE}`, err: 'M:go\n' },
    });
    const killed = { ...COMMAND, script: 'kill -TERM $$' };
    expect(await run(shell, home, supervisedProgram(killed, 'M:')).ended).toMatchObject({
      signal: 'SIGTERM',
    });
    const lost = { ...COMMAND, cwd: '/no/such' };
    expect(await run(shell, home, supervisedProgram(lost, 'M:')).ended).toMatchObject({ out: 'M:cwd\n' });
  });

  test('does nothing when the program is cut off anywhere', async () => {
    const home = scratch();
    const program = supervisedProgram({ ...COMMAND, script: 'echo ran > ~/ran' }, 'M:');
    const cuts = [0.2, 0.6, 0.9].map((part) => program.slice(0, Math.floor(program.length * part)));
    for (const cut of [...cuts, program.slice(0, -3)]) {
      const { child, ended } = run(shell, home, cut);
      child.stdin?.end();
      expect((await ended).out).toBe('');
    }
    expect(existsSync(join(home, 'ran'))).toBe(false);
  });

  test('ends the script when standard input ends', async () => {
    const home = scratch();
    const script = 'trap "" TERM; sleep 300 & echo $$ > ~/pid; wait; wait';
    const { child, ended } = run(shell, home, supervisedProgram({ ...COMMAND, script }, 'M:'));
    await until(() => existsSync(join(home, 'pid')) && readFileSync(join(home, 'pid'), 'utf8') !== '');
    child.stdin?.end();
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  });

  test('a plain command stands in the place of the shell, and fails as it would there', async () => {
    const home = scratch();
    const program = (script: string, env = {}) =>
      run(shell, home, supervisedProgram({ ...COMMAND, script, env }, 'M:')).ended;
    expect((await program('readlink /proc/self/exe')).out).toMatch(/^M:go\n\/.*\/(readlink|coreutils)\n$/);
    const [plain, shelled] = [await program('ls /no/such'), await program('ls "/no/such"')];
    expect(plain).toMatchObject({ code: 2, err: expect.stringContaining('/no/such') });
    expect(plain).toEqual(shelled);
    expect(await program('nosuch a')).toMatchObject({ code: 127, err: expect.stringContaining('nosuch') });
    // a shell that reads a file first has its own idea of what the words mean
    writeFileSync(join(home, 'first'), 'ls() { echo mine; }\n');
    const told = `BASH_ENV=${join(home, 'first')}`;
    const first = await run(
      ['env', told, ...shell],
      home,
      supervisedProgram({ ...COMMAND, script: 'ls a' }, 'M:'),
    ).ended;
    expect(first.out).toBe('M:go\nmine\n');
  });

  test('ends all of its group, whatever a program calls itself', async () => {
    const home = scratch();
    mkdirSync(join(home, 'bin'));
    const odd = join(home, 'bin', 'a) S 1 1 b');
    copyFileSync('/bin/sh', odd);
    const script = `exec "${odd}" -c 'sleep 300 & echo $! > ~/pid; wait'`;
    const { child, ended } = run(shell, home, supervisedProgram({ ...COMMAND, script }, 'M:'));
    await until(() => existsSync(join(home, 'pid')) && readFileSync(join(home, 'pid'), 'utf8') !== '');
    child.stdin?.end();
    expect(await ended).toMatchObject({ signal: 'SIGTERM' });
    await until(() => !lives(join(home, 'pid')));
  });

  test('detaches a script, follows it, collects its end', async () => {
    const home = scratch();
    const command = { ...COMMAND, detach: 'one', script: 'echo hi; sleep 0.2; printf "%s" "$V"; exit 5' };
    const follow = await run(shell, home, followProgram(command, 'M:', FROM_START)).ended;
    expect(follow).toEqual({ code: 0, signal: null, out: `M:go\nhi\n${VALUE}`, err: 'M:go\n' });
    const later = await run(shell, home, followProgram(command, 'M:', { stdout: 3, stderr: 0 })).ended;
    expect(later.out).toBe(`M:go\n${VALUE}`);
    const collected = await run(shell, home, collectProgram(command, 'M:')).ended;
    expect(collected).toMatchObject({ code: 0, out: `M:5\nhi\n${VALUE}`, err: 'M:5\n' });
  });

  test('leaves a detached script alone when standard input ends, and ends it when told to', async () => {
    const home = scratch();
    const command = { ...COMMAND, detach: 'two', script: 'echo $$ > ~/pid; echo begun; sleep 300' };
    const { child, ended } = run(shell, home, followProgram(command, 'M:', FROM_START));
    await until(() => existsSync(join(home, 'pid')) && readFileSync(join(home, 'pid'), 'utf8') !== '');
    child.stdin?.end();
    await ended;
    expect(lives(join(home, 'pid'))).toBe(true);
    await run(shell, home, endProgram(command, 'M:')).ended;
    expect(lives(join(home, 'pid'))).toBe(false);
  });
});
