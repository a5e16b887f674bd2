/** Detached commands: they outlive the connection and the host, run once, and are found again. */
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { fakeCall } from '../fake-call.ts';
import { type Asking, ask, ran, refused, sshd, until } from './sshd.ts';
import { hasSshd, type SshServer } from './start-sshd.ts';

describe.skipIf(!hasSshd)('a detached command', () => {
  let server: SshServer;
  beforeEach(async () => {
    server = await sshd();
  });
  const at = (name: string): string => join(server.home, name);
  const text = (name: string): string => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : '');
  const lives = (pid: string): boolean =>
    existsSync(`/proc/${pid.trim()}/stat`) && !/ Z /.test(readFileSync(`/proc/${pid.trim()}/stat`, 'utf8'));
  /** Counts its runs, says something, and goes on when a file is there. */
  const patient =
    'echo $$ >> ~/runs; echo early; echo odd >&2; until [ -e ~/go ]; do sleep 0.02; done; echo late {{ v }}';
  const config = (command: string, more: JsonObject = {}): JsonObject => ({
    ...server.fields,
    command,
    detach: true,
    ...more,
  });
  const reads = { reads: ['stdout', 'stderr'] as const };
  const values = { v: "it's $v" };
  const begin = (command = patient, asking: Asking = {}) =>
    ask(config(command), { step: reads, values, ...asking });

  test('runs like any other: streams, environment, exit code', async () => {
    const io = fakeCall();
    writeFileSync(at('go'), '');
    const step = { ...reads, env: { OTHER: 'a\nb' } };
    const outcome = await ran(
      server,
      { command: `${patient}; echo "$OTHER"`, detach: true },
      { values, step, io },
    );
    expect(outcome).toMatchObject({ exitCode: 0, stdout: "early\nlate it's $v\na\nb\n", stderr: 'odd\n' });
    expect(io.written.text.split('\n').sort()).toEqual(['', 'a', 'b', 'early', "late it's $v", 'odd']);
  });

  test('its exit code is a failure; a directory that is missing starts nothing', async () => {
    const missing = await refused(server, { command: 'touch ~/ran', detach: true, cwd: '/no/such' });
    expect(missing).toMatchObject({ code: 'cwd_missing' });
    expect(existsSync(at('ran'))).toBe(false);
    expect(await refused(server, { command: 'exit 7', detach: true })).toMatchObject({
      code: 'exit',
      data: { exit_code: 7 },
    });
  });

  test('goes on when the connection is lost, and is followed on a new one from where it was', async () => {
    const io = fakeCall();
    const performed = begin(patient, { io });
    await until(() => io.written.text.includes('early') && io.written.text.includes('odd'));
    server.cut();
    await until(() => server.logins() === 2);
    writeFileSync(at('go'), '');
    expect(await performed).toMatchObject({ ok: true, stdout: "early\nlate it's $v\n", stderr: 'odd\n' });
    expect(io.written.text.split('\n').sort()).toEqual(['', 'early', "late it's $v", 'odd']);
    expect(text('runs').trim().split('\n')).toHaveLength(1);
  });

  test('goes on when its host leaves; the next one finds it, and its end', async () => {
    const host = new AbortController();
    const io = fakeCall({ signal: host.signal });
    const left = begin(patient, { io });
    await until(() => io.written.text.includes('early'));
    host.abort('leaving');
    await expect(left).rejects.toBe('leaving');
    expect(lives(text('runs'))).toBe(true);
    const again = begin(patient, { notes: io.notes });
    writeFileSync(at('go'), '');
    const outcome = { ok: true, exitCode: 0, stdout: "early\nlate it's $v\n" };
    expect(await again).toMatchObject(outcome);
    // and once more, long after it has ended
    expect(await begin(patient, { notes: io.notes })).toMatchObject(outcome);
    expect(text('runs').trim().split('\n')).toHaveLength(1);
  });

  test('two that start it at once run it once', async () => {
    writeFileSync(at('go'), '');
    const both = await Promise.all([begin(), begin(), begin()]);
    expect(both.map(({ stdout }) => stdout)).toEqual(
      Array.from({ length: 3 }, () => "early\nlate it's $v\n"),
    );
    expect(text('runs').trim().split('\n')).toHaveLength(1);
  });

  test.each<[string, string]>([
    ['ends at TERM', ''],
    ['needs KILL', 'trap "" TERM; '],
  ])('a cancel ends it with all it has started: one that %s', async (_, trap) => {
    const cancel = new AbortController();
    const io = fakeCall({ signal: cancel.signal });
    const command = `${trap}sleep 300 & echo $! > ~/child; ${patient}`;
    const performed = ask(config(command, { kill_grace: '200ms' }), { io, values });
    await until(() => io.written.text.includes('early'));
    cancel.abort('cancelled');
    await expect(performed).rejects.toBe('cancelled');
    expect([text('runs'), text('child')].map(lives)).toEqual([false, false]);
  });

  test('one that was killed there is not waited for', async () => {
    const performed = begin('echo $PPID > ~/runner; kill -KILL $PPID; sleep 300');
    expect(await performed).toMatchObject({ ok: false, failure: { code: 'killed', retry: 'again' } });
  });

  test('the output limit ends it', async () => {
    const performed = refused(server, {
      command: 'echo $$ > ~/runs; yes',
      detach: true,
      output_limit: '1KB',
    });
    expect(await performed).toMatchObject({ code: 'output_limit' });
    expect(lives(text('runs'))).toBe(false);
  });

  test('a host that cannot reach it again does not let it be started anew', async () => {
    const io = fakeCall();
    const host = new AbortController();
    const left = begin(patient, { io: { ...io, signal: host.signal } });
    await until(() => io.written.text.includes('early'));
    host.abort('leaving');
    await expect(left).rejects.toBe('leaving');
    await server.stop();
    const later = new AbortController();
    const again = begin(patient, { notes: io.notes, io: fakeCall({ signal: later.signal }) });
    const back = await sshd({ like: server });
    writeFileSync(at('go'), '');
    expect(await again).toMatchObject({ ok: true, exitCode: 0 });
    expect(back.logins()).toBe(1);
    expect(text('runs').trim().split('\n')).toHaveLength(1);
  });

  test('one that could not even be reached was not begun', async () => {
    await server.stop();
    const io = fakeCall();
    expect(await begin(patient, { io })).toMatchObject({
      ok: false,
      failure: { code: 'unreachable', retry: 'again' },
    });
    expect(io.notes).toEqual([]);
  });

  test('files go there once, however often it is found again', async () => {
    const folder = join(server.folder, 'run');
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), 'first');
    const moving = config('cat ~/file', { upload: [{ from: 'file', to: at('file') }] });
    const io = fakeCall();
    expect(await ask(moving, { cwd: folder, step: reads, io })).toMatchObject({ stdout: 'first' });
    writeFileSync(join(folder, 'file'), 'second');
    expect(await ask(moving, { cwd: folder, step: reads, notes: io.notes })).toMatchObject({
      stdout: 'first',
    });
    expect(text('file')).toBe('first');
  });

  test('what ended long ago is cleared away, what still runs is not', async () => {
    const base = at('.belay/ssh');
    for (const name of ['old', 'recent', 'running']) mkdirSync(join(base, name), { recursive: true });
    for (const name of ['old', 'recent']) writeFileSync(join(base, name, 'exit'), '0\n');
    utimesSync(join(base, 'old', 'exit'), 0, 0);
    utimesSync(join(base, 'running'), 0, 0);
    await ran(server, { command: 'true', detach: true });
    await until(() => !existsSync(join(base, 'old')));
    expect(readdirSync(base).sort()).toEqual(['recent', 'run-1-subject-1', 'running']);
  });
});
