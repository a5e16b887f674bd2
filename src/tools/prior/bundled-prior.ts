/**
 * The examples that come with Belay, `templates/learning/prior.json.gz`: made of tldr-pages (CC-BY-4.0) by
 * `bench/tldr-prior.ts`. Read when a question needs them, once; without the file there are none.
 */
import { gunzipSync } from 'node:zlib';
import { CommandPrior, type PriorPage } from '../../learning/prior/command-prior.ts';
import { BUNDLED_BYTES_MAX, bundledFile } from './bundled-file.ts';

let prior: CommandPrior | undefined;

export function bundledPrior(): CommandPrior {
  prior ??= new CommandPrior(bundledFile('prior.json.gz', pagesOf) ?? []);
  return prior;
}

function pagesOf(packed: Buffer): readonly PriorPage[] {
  const text = gunzipSync(packed, { maxOutputLength: BUNDLED_BYTES_MAX }).toString('utf8');
  return (JSON.parse(text) as { readonly pages: readonly PriorPage[] }).pages;
}
