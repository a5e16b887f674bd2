/** Files that come with Belay in `templates/learning`, packed JSON. An installation that has lost one works without it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const FOLDER = join('templates', 'learning');
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024;

/** What is in the file; undefined where it is missing or damaged. */
export function bundledFile(name: string): unknown {
  const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
  try {
    const text = gunzipSync(readFileSync(join(root, FOLDER, name)), { maxOutputLength: UNPACKED_BYTES_MAX });
    return JSON.parse(text.toString('utf8'));
  } catch {
    return undefined;
  }
}
