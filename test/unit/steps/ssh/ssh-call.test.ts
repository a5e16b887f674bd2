/** What an ssh step promises from its fields alone: what is refused before anything is opened, what may be repeated. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import type { SshCall } from '../../../../src/steps/ssh/ssh-call.ts';
import { sshStep } from '../../../../src/steps/ssh.step.ts';
import { type Fake, fakeContext } from '../fake-context.ts';

const contextOf = (config: JsonObject, fake: Partial<Fake> = {}) =>
  fakeContext({
    type: 'ssh',
    config: { host: 'h', user: 'u', ...config },
    cwd: '/ws',
    environment: { HOME: '/home-of-run', USER: 'me' },
    ...fake,
  });
const begin = (config: JsonObject, fake?: Partial<Fake>) => sshStep.begin(contextOf(config, fake));
const call = (config: JsonObject, fake?: Partial<Fake>) => {
  const begun = begin(config, fake);
  if (!begun.ok || begun.value.kind !== 'call') throw new Error(JSON.stringify(begun));
  return { ...begun.value, call: begun.value.call as SshCall };
};
const move = { upload: [{ from: 'a', to: 'b' }] };

test.each<[JsonObject, boolean]>([
  [{ command: 'true' }, true],
  [move, true],
  [{ download: [{ from: 'a', to: 'b' }] }, true],
  [{}, false],
  [{ command: 'true', port: 0 }, false],
  [{ command: 'true', port: '{{ p }}' }, true],
  [{ command: 'true', host_key: 'no' }, false],
  [{ command: 'true', host_key: 'accept-new' }, true],
  [{ command: 'true', host_key: `SHA256:${'a'.repeat(43)}` }, true],
  [{ command: 'true', auth: {} }, false],
  [{ command: 'true', auth: { passphrase: '{{ p }}' } }, false],
  [{ command: 'true', auth: { password: 'written-down' } }, false],
  [{ command: 'true', auth: { key: 'written-down' } }, false],
  [{ command: 'true', auth: { key_file: 'k', passphrase: 'written-down' } }, false],
  [{ command: 'true', auth: { agent: true, password: '{{ p }}' } }, true],
  [{ command: 'true', auth: { agent: false } }, false],
  [{ command: 'true', jump: Array.from({ length: 6 }, () => 'h') }, false],
  [{ command: 'true', shell: 'python' }, false],
  [{ ...move, detach: true }, false],
  [{ ...move, sudo: true }, false],
  [{ upload: [{ from: 'a' }] }, false],
  [{ upload: [] }, false],
  [{ command: 'true', pty: true }, false],
])('schema on %j: %s', (config, valid) => {
  expect(sshStep.schema.safeParse({ host: 'h', ...config }).success).toBe(valid);
});

test.each<[JsonObject, string, string]>([
  [{ host: '{{ v }}' }, '-oProxyCommand=x', 'no name or address'],
  [{ host: '{{ v }}' }, 'a b', 'no name or address'],
  [{ host: '{{ v }}' }, '', 'empty'],
  [{ port: '{{ v }}' }, '70000', 'no port'],
  [{ user: '{{ v }}' }, '-x', 'no name of a user'],
  [{ user: '{{ v }}' }, 'a\nb', 'no name of a user'],
  [{ jump: ['{{ v }}'] }, 'a@b@c', 'expected `user@host:port`'],
  [{ jump: ['{{ v }}'] }, 'u@-x:22', 'no name or address'],
  [{ host_key: '{{ v }}' }, 'MD5:00', '`host_key`'],
  [{ auth: { key: '{{ v }}' } }, '', 'is empty'],
  [{ cwd: '{{ v }}' }, 'a\0b', 'NUL'],
  [{ upload: [{ from: '{{ v }}', to: 'x' }] }, '', 'is empty'],
])('%j with %j is refused before anything is opened', (config, v, says) => {
  const begun = begin({ command: 'true', ...config }, { values: { v } });
  expect(begun).toMatchObject({ ok: false, error: { code: 'request_invalid', retry: 'final' } });
  expect(JSON.stringify(begun)).toContain(says);
});

test('a variable that no command can be given is refused', () => {
  const step = { env: { V: '{{ v }}' } };
  expect(begin({ command: 'true' }, { values: { v: 'a\0b' }, step })).toMatchObject({
    error: { code: 'nul_byte' },
  });
  const much = 'x'.repeat(1024 * 1024);
  expect(begin({ command: 'true' }, { values: { v: much }, step })).toMatchObject({
    error: { code: 'value_too_large' },
  });
});

test.each<[string, JsonObject, boolean, boolean]>([
  ['a command', { command: 'true' }, false, false],
  ['an idempotent one', { command: 'true' }, true, true],
  ['a detached one', { command: 'true', detach: true }, false, true],
  ['files', move, false, true],
  ['files and a command', { ...move, command: 'true' }, false, false],
])('may be repeated: %s', (_, config, idempotent, repeatable) => {
  expect(call(config, { step: { idempotent } }).repeatable).toBe(repeatable);
});

test.each<[JsonObject, string]>([
  [{ command: 'true' }, 'remote'],
  [move, 'remote'],
  [{ download: [{ from: 'a', to: 'b' }] }, 'workspace'],
])('what %j may change: %s', (config, effects) => {
  expect(sshStep.effectsOf?.({ host: 'h', ...config })).toBe(effects);
});

describe('what is not said', () => {
  test('comes from the run: user, files of known hosts, keys', () => {
    const { target } = call({ command: 'true', user: '{{ me }}' }, { values: { me: 'me' } }).call;
    expect(target).toMatchObject({
      hop: { host: 'h', port: 22, user: 'me' },
      hostKey: 'strict',
      knownHosts: ['/home-of-run/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
    });
    expect(target.auth.usualKeyFiles?.[0]).toBe('/home-of-run/.ssh/id_ed25519');
    const nobody = fakeContext({ type: 'ssh', config: { host: 'h', command: 'true' }, environment: {} });
    expect(sshStep.begin(nobody)).toMatchObject({ ok: false, error: { code: 'request_invalid' } });
  });

  test('paths: here from the directory of the run, there from `cwd`', () => {
    const upload = ['a', '~/a', '/a', 'a/', '~'].map((to) => ({ from: 'x', to }));
    const there = (cwd?: string) =>
      call({ upload, ...(cwd !== undefined && { cwd }) }).call.transfers.upload.map((one) => one.there);
    expect(there()).toEqual(['a', 'a', '/a', 'a/', '.']);
    expect(there('/srv')).toEqual(['/srv/a', 'a', '/a', '/srv/a/', '.']);
    expect(there('~/srv')).toEqual(['srv/a', 'a', '/a', 'srv/a/', '.']);
    const { transfers } = call({ download: [{ from: 'x', to: 'logs/' }] }).call;
    expect(transfers).toMatchObject({ download: [{ here: '/ws/logs/', there: 'x' }], workspace: '/ws' });
  });

  test('jump hosts have the user of the machine, and may be IPv6', () => {
    const { jumps } = call({ command: 'true', jump: ['gate', 'ann@[::1]:2222'] }).call.target;
    expect(jumps).toEqual([
      { host: 'gate', port: 22, user: 'u' },
      { host: '::1', port: 2222, user: 'ann' },
    ]);
  });
});

test('nothing of the environment of this side goes there but the `env` of the step', () => {
  const environment = { HOME: '/h', PATH: '/bin', TOKEN: 'secret' };
  const { command } = call({ command: 'true' }, { environment, step: { env: { A: 'b' } } }).call;
  expect(command?.env).toEqual({ A: 'b' });
});

test('plan says what would be done, where and through what', () => {
  const config = {
    ...{ host: '{{ h }}', port: 2222, jump: ['gate'], command: 'echo {{ v }}', cwd: '/srv', sudo: 'app' },
    ...{ upload: [{ from: 'a', to: 'b' }], download: [{ from: 'c', to: 'd' }] },
  };
  expect(sshStep.plan?.(contextOf(config, { values: { h: 'db', v: 'x' } }))).toEqual({
    does: 'uploads one entry to `u@db:2222`, runs a script on `u@db:2222` as `app`, downloads one entry from `u@db:2222` through `u@gate`',
    command: 'echo x',
    cwd: '/srv',
  });
  expect(sshStep.plan?.(contextOf(config))).toMatchObject({ unknown: expect.stringContaining('`h`') });
});
