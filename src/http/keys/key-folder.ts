/**
 * `HOME/keys/`: one small document for each access key, so that two commands at once lose nothing, and a server sees at
 * its next request what was added or revoked.
 * 1. A key that was revoked or has expired stays: its name in the journal means one holder for ever, and a server
 *    does not open itself to everybody because its last key has expired.
 * 2. What others may write is not believed.
 */
import { randomBytes } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import type { Role } from '../../tools/access.ts';
import type { ToolError } from '../../tools/tool.ts';
import { type AccessKey, accessKeySchema, isKeyName, keyDigest, keyState, mintKey } from './access-key.ts';

const ENDING = '.json';
const OTHERS_MAY_WRITE = 0o022;

export interface NewKey {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly expiresAtMs?: number | undefined;
}

export class KeyFolder {
  readonly #path: string;
  readonly #now: () => number;

  constructor(home: string, now: () => number = Date.now) {
    this.#path = join(home, 'keys');
    this.#now = now;
  }

  /** There has been a key: callers without one are nobody from then on. */
  get isInUse(): boolean {
    return this.#names().length > 0;
  }

  /** The key of that name, whatever its state; an error for a document that cannot be believed. */
  find(name: string): Result<AccessKey | undefined, ToolError> {
    if (!isKeyName(name)) return ok(undefined);
    const path = this.#file(name);
    try {
      for (const each of [this.#path, path])
        if ((statSync(each).mode & OTHERS_MAY_WRITE) !== 0) return err(notBelieved(each));
      const read = accessKeySchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
      return read.success && read.data.name === name ? ok(read.data) : err(damaged(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ok(undefined);
      if (error instanceof SyntaxError) return err(damaged(path));
      return err({ code: 'storage', message: `\`${path}\` cannot be read: ${(error as Error).message}` });
    }
  }

  /** All keys by name; documents that cannot be believed are left out. */
  list(): readonly AccessKey[] {
    return this.#names().flatMap((name) => {
      const found = this.find(name);
      return found.ok && found.value ? [found.value] : [];
    });
  }

  /** Somebody can come in. */
  get hasActive(): boolean {
    return this.list().some((key) => keyState(key, this.#now()) === 'active');
  }

  /** Makes a key; the value is shown now and never again. */
  add({
    name,
    roles,
    expiresAtMs,
  }: NewKey): Result<{ readonly key: AccessKey; readonly token: string }, ToolError> {
    if (!isKeyName(name) || name === 'local') return err(badName(name));
    const token = mintKey(name);
    const key: AccessKey = {
      name,
      roles: [...new Set(roles)],
      sha256: keyDigest(token),
      created_at: new Date(this.#now()).toISOString(),
      ...(expiresAtMs !== undefined && { expires_at: new Date(expiresAtMs).toISOString() }),
    };
    mkdirSync(this.#path, { recursive: true, mode: 0o700 });
    const aside = this.#writeAside(key);
    try {
      linkSync(aside, this.#file(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return err(taken(name));
    } finally {
      rmSync(aside, { force: true });
    }
    return ok({ key, token });
  }

  /** Ends a key, from the next request on; a second time changes nothing. */
  revoke(name: string): Result<AccessKey, ToolError> {
    const found = this.find(name);
    if (!found.ok) return found;
    if (!found.value) return err(unknown(name));
    if (found.value.revoked_at !== undefined) return ok(found.value);
    const key = { ...found.value, revoked_at: new Date(this.#now()).toISOString() };
    renameSync(this.#writeAside(key), this.#file(name));
    return ok(key);
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#path)
        .filter((file) => file.endsWith(ENDING))
        .map((file) => file.slice(0, -ENDING.length))
        .sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  #file(name: string): string {
    return join(this.#path, `${name}${ENDING}`);
  }

  #writeAside(key: AccessKey): string {
    const aside = `${this.#file(key.name)}.${randomBytes(8).toString('hex')}`;
    writeFileSync(aside, `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
    return aside;
  }
}

const notBelieved = (path: string): ToolError => ({
  code: 'storage',
  message: `\`${path}\` may be written by others, so no key in it counts`,
  hint: 'take that right away (`chmod go-w`)',
});

const damaged = (path: string): ToolError => ({
  code: 'storage',
  message: `\`${path}\` is no document of an access key`,
  hint: 'remove the file and add a new key with `belay keys add`',
});

const badName = (name: string): ToolError => ({
  code: 'invalid_input',
  message: `\`${name}\` cannot be the name of a key: expected a word of a-z, 0-9 and \`-\`, other than \`local\``,
  hint: 'name it after whoever holds it, such as `ci` or `ann`',
});

const taken = (name: string): ToolError => ({
  code: 'conflict',
  message: `there is a key \`${name}\`, or there was one`,
  hint: 'choose another name: what a name did stays in the journal',
});

const unknown = (name: string): ToolError => ({
  code: 'unknown_key',
  message: `there is no key \`${name}\``,
  hint: '`belay keys ls` shows all of them',
});
