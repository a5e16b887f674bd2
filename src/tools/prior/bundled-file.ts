/** Files that come with Belay in `templates/learning`. An installation that has lost one works without it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = join('templates', 'learning');
/** Of an unpacked file. */
export const BUNDLED_BYTES_MAX = 16 * 1024 * 1024;

/** What `unpack` makes of the file; undefined where it is missing or damaged. */
export function bundledFile<T>(name: string, unpack: (packed: Buffer) => T): T | undefined {
  const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
  try {
    return unpack(readFileSync(join(root, FOLDER, name)));
  } catch {
    return undefined;
  }
}
