/**
 * Files of known host keys in OpenSSH's format (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): plain and hashed names, patterns,
 * `[host]:port`, `@revoked`. Certificates are not read: an `@cert-authority` line is only noticed.
 * 1. Lines are added at the end and never changed.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { READ_BYTES_MAX } from '../../engine/core/limits.ts';
import { keyTypeOf } from './host-key.ts';

/** What files say about one server. */
export interface KnownKeys {
  readonly keys: readonly Buffer[];
  readonly revoked: readonly Buffer[];
  /** A line names an authority whose certificates would count. */
  readonly hasAuthority: boolean;
}

/** A server's name in such files. */
export const knownName = (host: string, port: number): string =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;

/** The keys that these files have for a name; a file that is not there has none. Throws where one cannot be read. */
export function knownKeys(files: readonly string[], name: string): KnownKeys {
  const keys: Buffer[] = [];
  const revoked: Buffer[] = [];
  let hasAuthority = false;
  for (const line of files.flatMap(linesOf)) {
    const { marker, names, key } = line;
    if (!namesMatch(names, name)) continue;
    if (marker === '@revoked') revoked.push(key);
    else if (marker === undefined) keys.push(key);
    else hasAuthority = true;
  }
  return { keys, revoked, hasAuthority };
}

interface Line {
  readonly marker: string | undefined;
  readonly names: string;
  readonly key: Buffer;
}

function linesOf(file: string): readonly Line[] {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) return [];
  if (!stats.isFile() || stats.size > READ_BYTES_MAX)
    throw new Error(`\`${file}\` is no file of at most ${READ_BYTES_MAX} bytes`);
  return readFileSync(file, 'utf8').split('\n').flatMap(lineOf);
}

/** One line as a list: empty for comments and for what is no such line. */
function lineOf(text: string): readonly Line[] {
  const words = text.trim().split(/[ \t]+/);
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
  const [names = '', type = '', base64 = ''] = words;
  if (names.startsWith('#') || base64 === '') return [];
  const key = Buffer.from(base64, 'base64');
  return keyTypeOf(key) === type ? [{ marker, names, key }] : [];
}

function namesMatch(names: string, name: string): boolean {
  if (names.startsWith('|')) return hashMatches(names, name);
  const patterns = names.toLowerCase().split(',');
  if (patterns.some((each) => each.startsWith('!') && matches(each.slice(1), name))) return false;
  return patterns.some((each) => matches(each, name));
}

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt. */
function hashMatches(field: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = field.split('|');
  if (version !== '1') return false;
  const wanted = Buffer.from(hash, 'base64');
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

/** `*` and `?`; goes back to the last star only, so that it costs at most the product of both lengths. */
function matches(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  for (let index = 0; index < name.length; ) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      from = index;
    } else if (wanted === '?' || wanted === name[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      index = ++from;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** Writes a key down; the file and its folder are made where they are missing. Throws where that cannot be done. */
export function addKnownKey(file: string, name: string, key: Buffer): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const handle = openSync(file, 'a+', 0o600);
  try {
    const last = Buffer.alloc(1);
    const { size } = statSync(file);
    const isOpenLine = size > 0 && readSync(handle, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
    writeSync(handle, `${isOpenLine ? '\n' : ''}${name} ${keyTypeOf(key)} ${key.toString('base64')}\n`);
  } finally {
    closeSync(handle);
  }
}
