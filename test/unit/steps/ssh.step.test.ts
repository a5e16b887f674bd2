/** Commands of `ssh` steps on a real server: what they are given, what comes back, how they end. */
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { fakeCall } from './fake-call.ts';
import { ask, ran, refused, sshd, until } from './ssh/sshd.ts';
import { hasSshd, type SshServer, USER } from './ssh/start-sshd.ts';

const HOSTILE: readonly (readonly [string, string])[] = [
  ['the end of a quote', `'; touch ~/pwned; '`],
  ['substitutions', '$(touch ~/pwned) `touch ~/pwned`'],
  ['lines and escapes', "a\nb\r\n\tc\\d\"e'f''"],
  ['what a shell expands', '-n --help * ? [a] {b,c} ~ ! # ; & | < >'],
  ['bytes that shells use inside', '\u0001\u0081\u0088é€😀\u007f'],
  ['nothing', ''],
  ['many quotes', "'".repeat(2_000)],
  ['much', 'x'.repeat(60_000)],
];

describe.skipIf(!hasSshd)('ssh', () => {
  let server: SshServer;
  beforeEach(async () => {
    server = await sshd();
  });
  const pidOf = (name: string): number => Number(readFileSync(join(server.home, name), 'utf8'));
  const lives = (pid: number): boolean => {
    try {
      return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  };
  const isWritten = (name: string): boolean =>
    existsSync(join(server.home, name)) && readFileSync(join(server.home, name), 'utf8').endsWith('\n');

  test('runs a command; stdout and stderr are kept apart, the log has both', async () => {
    const io = fakeCall();
    const outcome = await ran(server, { command: 'echo out; echo err >&2; id -un' }, { io });
    expect(outcome).toMatchObject({ exitCode: 0, stdout: `out\n${USER}\n`, stderr: 'err\n' });
    expect(io.written.text.split('\n').sort()).toEqual(['', USER, 'err', 'out'].sort());
  });

  test('keeps only the streams that somebody reads, and only their first bytes', async () => {
    const command = 'head -c 200000 /dev/zero | tr "\\0" x';
    const some = await ran(server, { command }, { step: { reads: ['stdout'] } });
    expect(some.stdout).toHaveLength(64 * 1024);
    expect(some).not.toHaveProperty('stderr');
  });

  test.each(HOSTILE)('a value reaches the command as it is: %s', async (_, value) => {
    const command = 'printf "%s" {{ v }}; printf "%s" "$OTHER" >&2';
    const step = { env: { OTHER: '{{ v }}' } };
    const outcome = await ran(server, { command }, { values: { v: value }, step });
    expect(outcome).toMatchObject({ stdout: value, stderr: value });
    expect(existsSync(join(server.home, 'pwned'))).toBe(false);
  });

  test.each([
    ['bash', false],
    ['sh', false],
    ['bash', true],
    ['sh', true],
  ])('no variable of the step changes how it is run: %s, detached %s', async (shell, detach) => {
    const step = { env: { IFS: 'efo', belay_shell: 'x', SHLVL: 'y' }, reads: ['stdout'] as const };
    const command = 'echo "$belay_shell"; false | true; echo "went on"; false; echo never';
    const outcome = await ask({ ...server.fields, command, shell, detach }, { step });
    expect(outcome).toMatchObject({ ok: false, exitCode: 1 });
    expect(outcome.stdout).toBe(shell === 'bash' ? 'x\n' : 'x\nwent on\n');
  });

  test('no other user of that machine can read values off a command line', async () => {
    const command =
      'for each in /proc/[0-9]*/cmdline; do tr "\\0" " " < "$each" || true; done 2>/dev/null; : {{ v }}';
    const { stdout } = await ran(
      server,
      { command },
      { values: { v: 's3cret-value' }, step: { env: { T: 's3cret-value' } } },
    );
    expect(stdout).toContain('sshd');
    expect(stdout).not.toContain('s3cret-value');
  });

  test('the script is strict, has no terminal and nothing to read, and no variables of this side', async () => {
    const command = 'cat; test ! -t 0; tty || true; echo "${BELAY_TEST:-none}" "$HOME"; false; echo never';
    const outcome = await ask(
      { ...server.fields, command },
      { environment: { PATH: '/bin', BELAY_TEST: 'local' }, step: { reads: ['stdout'] } },
    );
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'exit' }, exitCode: 1 });
    expect(outcome.stdout).toBe(`not a tty\nnone ${server.home}\n`);
  });

  test('what the login prints belongs to nobody', async () => {
    writeFileSync(join(server.home, '.bashrc'), 'echo welcome; echo careful >&2\n');
    const outcome = await ran(server, { command: 'echo mine' });
    expect(outcome).toMatchObject({ stdout: 'mine\n', stderr: '' });
  });

  test.each<[string, string]>([
    ['~/deep/er', 'deep/er'],
    ['~', '.'],
    ["~/it's $HOME", "it's $HOME"],
    ['{{ home }}/-p', '-p'],
  ])('works in `%s`', async (cwd, folder) => {
    for (const each of ['deep/er', "it's $HOME", '-p'])
      mkdirSync(join(server.home, each), { recursive: true });
    const { stdout } = await ran(server, { command: 'pwd -P', cwd }, { values: { home: server.home } });
    expect(stdout).toBe(`${realpathSync(join(server.home, folder))}\n`);
  });

  test('a directory that is not there is a failure of its own, and nothing runs', async () => {
    const failure = await refused(server, { command: 'touch ~/ran', cwd: '/no/such' });
    expect(failure).toMatchObject({ code: 'cwd_missing', retry: 'final', data: { cwd: '/no/such' } });
    expect(existsSync(join(server.home, 'ran'))).toBe(false);
  });

  test.each<[string, string]>([
    ['bash', 'bash'],
    ['sh', 'sh'],
    ['dash', 'dash'],
  ])('shell %s', async (shell, name) => {
    const { stdout } = await ran(server, { shell, command: 'basename "$0"' });
    expect(stdout).toBe(`${name}\n`);
  });

  test('a shell that is not there', async () => {
    const failure = await refused(server, { shell: 'zsh', command: 'true' }, {});
    expect(failure).toMatchObject({ code: 'shell_missing', retry: 'final' });
  });

  test('exit codes and signals come back as what they are', async () => {
    expect(await refused(server, { command: 'exit 75' })).toMatchObject({
      code: 'exit',
      retry: 'again',
      data: { exit_code: 75 },
    });
    expect(await refused(server, { command: 'kill -KILL $$' })).toMatchObject({
      code: 'killed',
      data: { signal: 'SIGKILL' },
    });
  });

  test('a command that leaves something running ends, and what it left goes on', async () => {
    const outcome = await ran(server, { command: 'sleep 300 & echo $! > ~/pid; echo done' });
    expect(outcome.stdout).toBe('done\n');
    expect(outcome.warnings).toEqual([expect.stringContaining('holds its output open')]);
    expect(lives(pidOf('pid'))).toBe(true);
    process.kill(pidOf('pid'));
  });

  test.each<[string, string]>([
    ['ends at TERM', 'trap "echo tidy > ~/tidied; exit 0" TERM; '],
    ['needs KILL', 'trap "" TERM; '],
  ])('a cancel ends the command there with all it has started: one that %s', async (how, trap) => {
    const cancel = new AbortController();
    const command = `${trap}sleep 300 & echo $! > ~/child; echo $$ > ~/pid; while :; do wait || :; done`;
    const performed = ask(
      { ...server.fields, command, kill_grace: '200ms' },
      { io: fakeCall({ signal: cancel.signal }) },
    );
    await until(() => isWritten('pid'));
    cancel.abort();
    await expect(performed).rejects.toThrow();
    await until(() => !lives(pidOf('pid')) && !lives(pidOf('child')));
    expect(existsSync(join(server.home, 'tidied'))).toBe(how === 'ends at TERM');
  });

  test('a connection that is lost: the outcome is unknown, and the machine ends the command', async () => {
    const performed = refused(server, { command: 'echo $$ > ~/pid; sleep 300' });
    await until(() => isWritten('pid'));
    server.cut();
    expect(await performed).toMatchObject({ code: 'connection_lost', retry: 'final' });
    await until(() => !lives(pidOf('pid')));
  });

  test('the same where it may be run again', async () => {
    const performed = refused(
      server,
      { command: 'echo $$ > ~/pid; sleep 300' },
      { step: { idempotent: true } },
    );
    await until(() => isWritten('pid'));
    server.cut();
    expect(await performed).toMatchObject({ code: 'connection_lost', retry: 'again' });
  });

  test('the output limit ends it, or cuts it', async () => {
    const command = 'echo $$ > ~/pid; yes';
    expect(await refused(server, { command, output_limit: '1KB' })).toMatchObject({ code: 'output_limit' });
    await until(() => !lives(pidOf('pid')));
    const io = fakeCall();
    const cut = await ran(
      server,
      { command: 'head -c 5000 /dev/zero | tr "\\0" x', output_limit: '1KB', on_output_limit: 'truncate' },
      { io },
    );
    expect(cut.warnings).toEqual(['log cut at 1024 bytes']);
    expect(io.written.text).toHaveLength(1024);
  });

  describe('sudo', () => {
    /** Stands in for sudo, of which only the command line matters here: it must be this, or it says no. */
    const sudo = (body: string): void => {
      writeFileSync(join(server.programs, 'sudo'), `#!/bin/sh\nprintf '%s\\n' "$*" >> ~/sudo.log\n${body}\n`);
      chmodSync(join(server.programs, 'sudo'), 0o755);
    };

    test.each<[boolean | string, string]>([
      [true, 'root'],
      ['{{ who }}', 'deploy'],
    ])('%s: values reach the command, and not the command line of sudo', async (who, user) => {
      sudo(`[ "$*" = "-n -H -u ${user} -- /bin/sh" ] || exit 9\nAS=${user}; export AS; exec /bin/sh`);
      const values = { v: "it's", who: 'deploy' };
      const { stdout } = await ran(server, { sudo: who, command: 'echo "$AS" {{ v }}' }, { values });
      expect(stdout).toBe(`${user} it's\n`);
    });

    test('that it says no is a failure of its own', async () => {
      sudo('echo "sudo: a password is required" >&2; exit 1');
      const failure = await refused(server, { sudo: true, command: 'touch ~/ran' });
      expect(failure).toMatchObject({ code: 'sudo_refused', retry: 'final' });
      expect(failure.message).toContain('a password is required');
      expect(existsSync(join(server.home, 'ran'))).toBe(false);
    });

    test('so is that there is none', async () => {
      const hidden = await sshd({ config: [`SetEnv HOME=${server.home} PATH=${server.programs}`] });
      expect(await refused(hidden, { sudo: true, command: 'true' })).toMatchObject({ code: 'sudo_refused' });
    });

    test.each(['-i', 'a b', 'x;y', ''])('a user named `%s` is refused here', async (who) => {
      expect(
        await refused(server, { sudo: '{{ who }}', command: 'true' }, { values: { who } }),
      ).toMatchObject({
        code: 'request_invalid',
      });
    });
  });
});
