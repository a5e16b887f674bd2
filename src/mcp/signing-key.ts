/**
 * The key that signs what a client carries for us between two calls. It belongs to the data directory, so that
 * any server on the same directory can verify what another one signed.
 */
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;

/**
 * Reads `HOME/mcp.key` and creates it (mode 0600) where there is none; several processes may do so at once and
 * all get the same key. Rejects when the directory cannot be written or the file is not a key.
 */
export async function signingKey(home: string): Promise<Uint8Array> {
  const path = join(home, 'mcp.key');
  const key = (await readKey(path)) ?? (await createKey(path));
  if (key.length !== KEY_BYTES) {
    throw new Error(`signing key \`${path}\`: found ${key.length} bytes, expected ${KEY_BYTES}`);
  }
  return key;
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes aside and links into place: nobody ever reads half a key, and the first of several writers wins. */
async function createKey(path: string): Promise<Uint8Array> {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(randomBytes(KEY_BYTES));
    await file.sync();
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await file.close();
    await rm(aside, { force: true });
  }
  return readFile(path);
}
