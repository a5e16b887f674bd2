/**
 * The examples that come with Belay, `templates/learning/prior.json.gz`: made of tldr-pages (CC-BY-4.0) by
 * `bench/tldr-prior.ts`. Read when a question needs them, once; without the file there are none.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { CommandPrior, type PriorPage } from '../../learning/prior/command-prior.ts';

const FILE = join('templates', 'learning', 'prior.json.gz');
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024;

let prior: CommandPrior | undefined;

export function bundledPrior(): CommandPrior {
  prior ??= new CommandPrior(bundledPages());
  return prior;
}

function bundledPages(): readonly PriorPage[] {
  const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
  try {
    const text = gunzipSync(readFileSync(join(root, FILE)), { maxOutputLength: UNPACKED_BYTES_MAX });
    return (JSON.parse(text.toString('utf8')) as { readonly pages: readonly PriorPage[] }).pages;
  } catch {
    // an installation that has lost it suggests from its own history all the same
    return [];
  }
}
