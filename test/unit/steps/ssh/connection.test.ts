/** Getting to a machine: its key, the ways to log in, jump hosts, and connections that steps share. */

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { fakeCall } from '../fake-call.ts';
import { ask, ran, refused, scratchFolder, sshd } from './sshd.ts';
import { hasSshd, keygen, type SshServer, USER } from './start-sshd.ts';

const command = 'echo here';
/** A file of its own each time: a connection is kept for steps that name the same one. */
let files = 0;
const known = (server: SshServer, text: string): string => {
  files += 1;
  const file = join(server.folder, `known_hosts_${files}`);
  writeFileSync(file, text);
  return file;
};
const strangersKey = (folder: string): string => {
  keygen('-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'stranger'));
  return readFileSync(join(folder, 'stranger.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
};

describe.skipIf(!hasSshd)('the key of a machine', () => {
  test('one that nobody knows is refused, and its fingerprint shown', async () => {
    const server = await sshd();
    const failure = await refused(server, { command, known_hosts: join(server.folder, 'none') });
    expect(failure).toMatchObject({
      code: 'host_key_unknown',
      retry: 'final',
      data: { fingerprint: server.fingerprint, host: `[127.0.0.1]:${server.port}` },
    });
    expect(failure.message).toContain(server.fingerprint);
    expect(failure.hint).toContain(`host_key: ${server.fingerprint}`);
    expect(server.logins()).toBe(0);
  });

  test('a hashed name is found, a pattern too, the same host on another port is another machine', async () => {
    const server = await sshd();
    const hashed = known(server, `# all hashed\n\n${server.knownLine}\n`);
    keygen('-q', '-H', '-f', hashed);
    expect(readFileSync(hashed, 'utf8')).toContain('|1|');
    await ran(server, { command, known_hosts: hashed });
    const [, type, base64] = server.knownLine.split(' ');
    const pattern = known(server, `!other,[127.0.0.?]:* ${type} ${base64} comment`);
    await ran(server, { command, known_hosts: pattern });
    for (const names of [
      '127.0.0.1',
      `[127.0.0.1]:${server.port + 1}`,
      `[127.*]:*,![127.0.0.1]:${server.port}`,
    ]) {
      const known_hosts = known(server, `${names} ${type} ${base64}\n`);
      expect(await refused(server, { command, known_hosts })).toMatchObject({ code: 'host_key_unknown' });
    }
  });

  test.each(['strict', 'accept-new'])(
    'one that has changed is refused, with `host_key: %s`',
    async (rule) => {
      const server = await sshd();
      const text = `[127.0.0.1]:${server.port} ${strangersKey(server.folder)}\n`;
      const known_hosts = known(server, text);
      const failure = await refused(server, { command, known_hosts, host_key: rule });
      expect(failure).toMatchObject({ code: 'host_key_changed', retry: 'final' });
      expect(failure.message).toContain(server.fingerprint);
      expect(readFileSync(known_hosts, 'utf8')).toBe(text);
      expect(server.logins()).toBe(0);
    },
  );

  test.each(['strict', 'accept-new', 'fingerprint'])(
    'a revoked one is refused, with `host_key: %s`',
    async (rule) => {
      const server = await sshd();
      const known_hosts = known(
        server,
        `${server.knownLine}\n@revoked * ${server.knownLine.split(' ').slice(1).join(' ')}\n`,
      );
      const host_key = rule === 'fingerprint' ? server.fingerprint : rule;
      const failure = await refused(server, { command, known_hosts, host_key });
      expect(failure).toMatchObject({ code: 'host_key_changed', data: { revoked: true } });
    },
  );

  test('a new one is taken where the step says so, and counts from then on', async () => {
    const server = await sshd();
    const known_hosts = join(server.folder, 'new', 'known_hosts');
    await ran(server, { command, known_hosts, host_key: 'accept-new' });
    expect(readFileSync(known_hosts, 'utf8')).toBe(`${server.knownLine}\n`);
    await ran(server, { command, known_hosts });
    const open = known(server, 'other ssh-ed25519 AAAA');
    await ran(server, { command, known_hosts: open, host_key: 'accept-new' });
    expect(readFileSync(open, 'utf8')).toBe(`other ssh-ed25519 AAAA\n${server.knownLine}\n`);
  });

  test('a fingerprint is all that counts', async () => {
    const server = await sshd();
    const known_hosts = join(server.folder, 'none');
    await ran(
      server,
      { command, known_hosts, host_key: '{{ print }}' },
      { values: { print: server.fingerprint } },
    );
    const host_key = `SHA256:${'A'.repeat(43)}`;
    const failure = await refused(server, { command, host_key });
    expect(failure).toMatchObject({ code: 'host_key_changed', data: { expected: [host_key] } });
    const values = { print: 'md5' };
    expect(await refused(server, { command, host_key: '{{ print }}' }, { values })).toMatchObject({
      code: 'request_invalid',
    });
  });

  test('of several keys the one that is known is asked for', async () => {
    const server = await sshd({ keyTypes: ['rsa', 'ecdsa', 'ed25519'] });
    for (const type of ['rsa', 'ecdsa', 'ed25519']) {
      const [algorithm, base64] = readFileSync(join(server.folder, `host_${type}.pub`), 'utf8').split(' ');
      const known_hosts = known(server, `[127.0.0.1]:${server.port} ${algorithm} ${base64}\n`);
      await ran(server, { command, known_hosts });
    }
    expect(server.logins()).toBe(3);
  });

  test('files of known hosts that are none', async () => {
    const server = await sshd();
    expect(await refused(server, { command, known_hosts: server.folder })).toMatchObject({
      code: 'request_invalid',
    });
    const known_hosts = known(
      server,
      '\u0000\u0001 garbage\n@odd\n|1|x|y ssh-ed25519 AAAA\nh ssh-ed25519 !!!\n',
    );
    expect(await refused(server, { command, known_hosts })).toMatchObject({ code: 'host_key_unknown' });
  });
});

describe.skipIf(!hasSshd)('logging in', () => {
  test('a key from a variable, an encrypted one with its passphrase', async () => {
    const server = await sshd();
    const key = readFileSync(server.keyFile, 'utf8');
    await ran(server, { command, auth: { key: '{{ k }}' } }, { values: { k: key.trimEnd() } });
    keygen('-q', '-p', '-P', '', '-N', 'open sesame', '-f', server.keyFile);
    const auth = { key_file: server.keyFile, passphrase: '{{ p }}' };
    await ran(server, { command, auth }, { values: { p: 'open sesame' } });
    const wrong = await refused(server, { command, auth }, { values: { p: 'wr0ng-one' } });
    expect(wrong).toMatchObject({ code: 'request_invalid', retry: 'final' });
    expect(JSON.stringify(wrong)).not.toContain('wr0ng-one');
    const locked = await refused(server, { command });
    expect(locked.message).toContain('is encrypted');
  });

  test('a key of an agent', async () => {
    const server = await sshd();
    const socket = join(server.folder, 'agent');
    const agent = spawn('/usr/bin/ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void agent.kill());
    await new Promise((resolve) => agent.stdout.once('data', resolve));
    await new Promise((resolve) =>
      spawn('/usr/bin/ssh-add', ['-q', server.keyFile], {
        env: { SSH_AUTH_SOCK: socket },
        stdio: 'ignore',
      }).once('exit', resolve),
    );
    await ran(server, { command, auth: { agent: socket } });
    const environment = { SSH_AUTH_SOCK: socket };
    await ran(server, { command, auth: { agent: true } }, { environment });
    expect(await refused(server, { command, auth: { agent: true } })).toMatchObject({
      code: 'request_invalid',
    });
    const { auth, ...fields } = server.fields;
    expect(await ask({ ...fields, command }, { environment })).toMatchObject({ ok: true });
  });

  test('without `auth`: the usual keys of the home of the run', async () => {
    const server = await sshd();
    const { auth, known_hosts, ...fields } = server.fields;
    const home = scratchFolder();
    mkdirSync(join(home, '.ssh'));
    writeFileSync(join(home, '.ssh', 'known_hosts'), `${server.knownLine}\n`);
    const asking = { environment: { HOME: home } };
    const failure = await refused(
      server,
      { ...fields, command, auth: undefined as never, known_hosts: undefined as never },
      asking,
    );
    expect(failure).toMatchObject({ code: 'auth_failed', retry: 'final' });
    writeFileSync(join(home, '.ssh', 'id_ed25519'), readFileSync(server.keyFile));
    expect(await ask({ ...fields, command }, asking)).toMatchObject({ ok: true });
  });

  test('a key that may not log in, a user who is not there, a password where none is taken', async () => {
    const server = await sshd();
    strangersKey(server.folder);
    const key_file = join(server.folder, 'stranger');
    const failure = await refused(server, { command, auth: { key_file } });
    expect(failure).toMatchObject({ code: 'auth_failed', retry: 'final' });
    expect(failure.message).toContain(key_file);
    expect(await refused(server, { command, user: 'nobody-such' })).toMatchObject({ code: 'auth_failed' });
    const auth = { password: '{{ p }}' };
    const denied = await refused(server, { command, auth }, { values: { p: 'hunter22' } });
    expect(denied).toMatchObject({ code: 'auth_failed' });
    expect(JSON.stringify(denied)).not.toContain('hunter22');
    for (const file of ['none', 'known_hosts', '.'])
      expect(await refused(server, { command, auth: { key_file: join(server.folder, file) } })).toMatchObject(
        {
          code: 'request_invalid',
        },
      );
  });
});

/** A server that takes a password only: as such, or as the answer to a question. */
async function passwordServer(
  method: 'password' | 'keyboard-interactive',
  password: string,
): Promise<number> {
  const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
  const server = new ssh2.Server({ hostKeys: [key] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => {
      if (context.method !== method) context.reject([method]);
      else if (context.method === 'password')
        context.password === password ? context.accept() : context.reject();
      else if (context.method === 'keyboard-interactive')
        context.prompt([{ prompt: 'Password: ', echo: false }], ([answer]) =>
          answer === password ? context.accept() : context.reject(),
        );
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command: line }) => {
        const channel = acceptExec();
        const child = spawn('/bin/sh', ['-c', line], { stdio: ['pipe', 'pipe', 'pipe'] });
        channel.pipe(child.stdin);
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        child.once('close', (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('a password', () => {
  test.each(['password', 'keyboard-interactive'] as const)('by %s', async (method) => {
    const port = await passwordServer(method, 'open sesame');
    const config = {
      ...{ host: '127.0.0.1', port, user: 'ann', command, auth: { password: '{{ p }}' } },
      ...{ host_key: 'accept-new', known_hosts: join(scratchFolder(), 'known') },
    };
    const step = { reads: ['stdout'] as const };
    expect(await ask(config, { values: { p: 'open sesame' }, step })).toMatchObject({
      ok: true,
      stdout: 'here\n',
    });
    const failure = { code: 'auth_failed', message: expect.stringContaining('the password') };
    expect(await ask(config, { values: { p: 'wrong' } })).toMatchObject({ ok: false, failure });
  });
});

describe.skipIf(!hasSshd)('the way', () => {
  test('through jump hosts, each with a key that is known', async () => {
    const [first, second, last] = [await sshd(), await sshd(), await sshd()];
    const all = known(first, [first, second, last].map(({ knownLine }) => `${knownLine}\n`).join(''));
    const key = readFileSync(`${first.keyFile}.pub`, 'utf8');
    for (const { keyFile } of [second, last]) writeFileSync(`${keyFile}.pub`, key);
    const jump = [`${USER}@127.0.0.1:${first.port}`, '127.0.0.1:{{ port }}'];
    const values = { port: second.port };
    const config = {
      ...last.fields,
      auth: { key_file: first.keyFile },
      known_hosts: all,
      jump,
      command: 'echo $HOME',
    };
    const outcome = await ask(config, { values, step: { reads: ['stdout'] } });
    expect(outcome).toMatchObject({ ok: true, stdout: `${last.home}\n` });
    expect([first, second, last].map((server) => server.logins())).toEqual([1, 1, 1]);
    const strangers = await ask({ ...config, known_hosts: last.knownHosts }, { values });
    expect(strangers).toMatchObject({ ok: false, failure: { code: 'host_key_unknown' } });
    await last.stop();
    const failure = await ask({ ...config, host_key: 'accept-new' }, { values });
    expect(failure).toMatchObject({ ok: false, failure: { code: 'unreachable', retry: 'again' } });
  });

  test.each<[JsonObject, string]>([
    [{ port: 1 }, 'nothing listens there'],
    [{ host: 'no-such-host.invalid' }, 'looked up|no such host'],
  ])('%j is unreachable', async (fields, why) => {
    const server = await sshd();
    const failure = await refused(server, { command, ...fields });
    expect(failure).toMatchObject({ code: 'unreachable', retry: 'again' });
    expect(failure.message).toMatch(new RegExp(why));
  });

  test('something that speaks no ssh, and something that hangs up', async () => {
    const server = await sshd();
    for (const greet of [
      (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      (socket: Socket) => socket.destroy(),
    ]) {
      const other = createServer((socket) => void greet(socket.on('error', () => {})));
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void other.close());
      const { port } = other.address() as AddressInfo;
      expect(await refused(server, { command, port })).toMatchObject({ code: 'unreachable', retry: 'again' });
    }
  });

  test('a cancel does not wait for a machine that says nothing', async () => {
    const server = await sshd();
    const silent = createServer((socket) => void socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const cancel = new AbortController();
    const { port } = silent.address() as AddressInfo;
    const reached = new Promise((resolve) => silent.once('connection', resolve));
    const performed = ask({ ...server.fields, port, command }, { io: fakeCall({ signal: cancel.signal }) });
    await reached;
    cancel.abort();
    await expect(performed).rejects.toThrow();
  });
});
