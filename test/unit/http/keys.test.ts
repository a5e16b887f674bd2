/** Access keys: shown once, kept as a digest, ended by time or by word, and believed only where nobody else may write. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authenticate } from '../../../src/http/keys/authenticate.ts';
import { KeyFolder } from '../../../src/http/keys/key-folder.ts';

let home: string;
let nowMs: number;
let keys: KeyFolder;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-keys-'));
  nowMs = Date.parse('2026-01-01T00:00:00Z');
  keys = new KeyFolder(home, () => nowMs);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function add(name: string, expiresAtMs?: number): string {
  const added = keys.add({ name, roles: ['viewer', 'approver', 'viewer'], expiresAtMs });
  if (!added.ok) throw new Error(added.error.message);
  return added.value.token;
}
const enter = (authorization: string | undefined, keysAlways = false) =>
  authenticate({ keys, keysAlways, now: () => nowMs }, authorization);
const refused = (message: string) => ({
  ok: false,
  error: expect.objectContaining({ code: 'unauthorized', message: expect.stringContaining(message) }),
});

describe('a key', () => {
  it('opens the door for its holder, by name and roles', async () => {
    const key = add('ann');
    expect(key).toMatch(/^belay_ann_[\w-]{43}$/);
    expect(await enter(`Bearer ${key}`)).toEqual({
      ok: true,
      value: { caller: 'http:ann', roles: ['viewer', 'approver'] },
    });
    expect(await enter(`bearer  ${key}`)).toMatchObject({ ok: true });
  });

  it('is kept as a digest, in a file for nobody else', async () => {
    const key = add('ann');
    const files = readdirSync(join(home, 'keys'));
    expect(files).toEqual(['ann.json']);
    const path = join(home, 'keys', 'ann.json');
    expect(readFileSync(path, 'utf8')).not.toContain(key.split('_').at(-1));
    expect([statSync(path).mode & 0o777, statSync(join(home, 'keys')).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('ends at its time', async () => {
    const key = add('ann', nowMs + 1_000);
    nowMs += 999;
    expect(await enter(`Bearer ${key}`)).toMatchObject({ ok: true });
    nowMs += 1;
    expect(await enter(`Bearer ${key}`)).toMatchObject(refused('expired'));
    expect(keys.hasActive).toBe(false);
    // and nobody is let in instead
    expect(await enter(undefined)).toMatchObject(refused('a key is needed'));
  });

  it('ends when it is revoked, and its name is not given again', async () => {
    const key = add('ann');
    const first = keys.revoke('ann');
    nowMs += 1_000;
    expect(keys.revoke('ann')).toEqual(first);
    expect(await enter(`Bearer ${key}`)).toMatchObject(refused('revoked'));
    expect(keys.add({ name: 'ann', roles: ['admin'] })).toMatchObject({ error: { code: 'conflict' } });
    expect(keys.revoke('bob')).toMatchObject({ error: { code: 'unknown_key' } });
  });

  it.each(['', 'Ann', '../ann', 'a_b', 'local', '-a', `${'a'.repeat(64)}`, 'ann.json', 'a/b', 'é'])(
    'cannot be called `%s`',
    async (name) => {
      expect(keys.add({ name, roles: ['admin'] })).toMatchObject({ error: { code: 'invalid_input' } });
      expect(keys.isInUse).toBe(false);
    },
  );
});

describe('whoever brings', () => {
  it('nothing is the local user while there are no keys, and this is no server for others', async () => {
    expect(await enter(undefined)).toEqual({ ok: true, value: undefined });
    expect(await enter(undefined, true)).toMatchObject(refused('a key is needed'));
    add('ann');
    expect(await enter(undefined)).toMatchObject(refused('a key is needed'));
  });

  it.each([
    ['another scheme', (key: string) => `Basic ${key}`],
    ['no scheme', (key: string) => key],
    ['two keys', (key: string) => `Bearer ${key} ${key}`],
    ['one letter more', (key: string) => `Bearer ${key}x`],
    ['one letter less', (key: string) => `Bearer ${key.slice(0, -1)}`],
    [
      'another letter',
      (key: string) => `Bearer ${key.slice(0, -2)}${key.at(-2) === 'A' ? 'B' : 'A'}${key.at(-1)}`,
    ],
    ['the name of somebody else', (key: string) => `Bearer ${key.replace('_ann_', '_bob_')}`],
    ['an unknown name', (key: string) => `Bearer ${key.replace('_ann_', '_eve_')}`],
    ['a path for a name', (key: string) => `Bearer ${key.replace('_ann_', '_../keys/ann_')}`],
    ['the digest', () => `Bearer ${JSON.parse(readFileSync(join(home, 'keys', 'ann.json'), 'utf8')).sha256}`],
    ['an empty text', () => ''],
  ])('%s is nobody', async (_what, sent) => {
    const key = add('ann');
    add('bob');
    expect(await enter(sent(key))).toMatchObject({ ok: false, error: { code: 'unauthorized' } });
  });

  it('a wrong key is nobody also where none is needed', async () => {
    expect(await enter(`Bearer belay_ann_${'x'.repeat(43)}`)).toMatchObject(refused('not known'));
  });
});

describe('a document', () => {
  it('that others may write is not believed', async () => {
    const key = add('ann');
    chmodSync(join(home, 'keys', 'ann.json'), 0o620);
    expect(await enter(`Bearer ${key}`)).toMatchObject({ ok: false, error: { code: 'storage' } });
    chmodSync(join(home, 'keys', 'ann.json'), 0o600);
    chmodSync(join(home, 'keys'), 0o777);
    expect(await enter(`Bearer ${key}`)).toMatchObject({ ok: false, error: { code: 'storage' } });
    expect(keys.hasActive).toBe(false);
  });

  it.each(['', '{', '{}', '[]', '{"name":"ann","roles":["root"],"sha256":"00"}'])(
    'that holds `%s` opens nothing, and keeps the door shut',
    async (text) => {
      const key = add('ann');
      writeFileSync(join(home, 'keys', 'ann.json'), text);
      expect(await enter(`Bearer ${key}`)).toMatchObject({ ok: false, error: { code: 'storage' } });
      expect(await enter(undefined)).toMatchObject(refused('a key is needed'));
    },
  );
});
