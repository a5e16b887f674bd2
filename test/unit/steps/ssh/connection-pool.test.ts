/** Connections that steps share: how many there are, what they are shared by, how they end. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ran, refused, sshd, until } from './sshd.ts';
import { hasSshd, keygen } from './start-sshd.ts';

const command = 'echo here';

describe.skipIf(!hasSshd)('a kept connection', () => {
  test('serves steps one after the other and side by side; more than it takes get another', async () => {
    const server = await sshd();
    for (const _ of [1, 2, 3]) await ran(server, { command });
    expect(server.logins()).toBe(1);
    const all = await Promise.all(Array.from({ length: 20 }, () => ran(server, { command })));
    expect(all.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 20 }, () => 'here\n'));
    expect(server.logins()).toBe(3);
  });

  test('is followed by others where a server takes fewer commands at once', async () => {
    const server = await sshd({ config: ['MaxSessions 1'] });
    const all = await Promise.all([1, 2, 3].map(() => ran(server, { command: 'sleep 0.05; echo here' })));
    expect(all.map(({ stdout }) => stdout)).toEqual(['here\n', 'here\n', 'here\n']);
    const none = await sshd({ config: ['MaxSessions 0'] });
    expect(await refused(none, { command })).toMatchObject({ code: 'unreachable', retry: 'again' });
  });

  test('is not shared where credentials or the rule for keys differ', async () => {
    const server = await sshd();
    await ran(server, { command });
    await ran(server, { command, host_key: server.fingerprint });
    const values = { k: readFileSync(server.keyFile, 'utf8') };
    await ran(server, { command, auth: { key: '{{ k }}' } }, { values });
    expect(server.logins()).toBe(3);
    const key_file = join(server.folder, 'stranger');
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', key_file);
    expect(await refused(server, { command, auth: { key_file } })).toMatchObject({ code: 'auth_failed' });
  });

  test('that has died meanwhile is replaced without a word', async () => {
    const server = await sshd();
    await ran(server, { command });
    server.cut();
    expect(await ran(server, { command })).toMatchObject({ stdout: 'here\n' });
    await until(() => server.logins() === 2);
  });

  test('is asked whether it is still there, and given up when it does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const server = await sshd();
    const begun = join(server.home, 'begun');
    const performed = refused(server, { command: 'touch ~/begun; sleep 300' });
    await until(() => existsSync(begun));
    for (const _ of [1, 2, 3]) {
      vi.advanceTimersByTime(15_000);
      // its answer comes behind that to the question
      await ran(server, { command });
    }
    expect(server.logins()).toBe(1);
    server.freeze();
    vi.advanceTimersByTime(30_000);
    expect(await performed).toMatchObject({ code: 'connection_lost' });
  });

  test('keeps no process alive', async () => {
    const server = await sshd();
    const script = `
      const { sshStep } = await import('./src/steps/ssh.step.ts');
      const { fakeContext } = await import('./test/unit/steps/fake-context.ts');
      const config = ${JSON.stringify({ ...server.fields, command })};
      const begun = sshStep.begin(fakeContext({ type: 'ssh', config }));
      const signal = new AbortController().signal;
      const outcome = await sshStep.perform(begun.value.call, { signal, log() {} });
      console.log(JSON.stringify(outcome.ok));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    // it would stay for a minute, and this test would run out of time
    await new Promise((resolve) => child.once('exit', resolve));
    expect(out).toBe('true\n');
  });
});
