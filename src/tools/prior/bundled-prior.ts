/**
 * The examples that come with Belay, `templates/learning/prior.json.gz`: made of tldr-pages (CC-BY-4.0) by
 * `bench/tldr-prior.ts`. Read when a question needs them, once; without the file there are none.
 */
import { CommandPrior, type PriorPage } from '../../learning/prior/command-prior.ts';
import { bundledFile } from './bundled-file.ts';

let prior: CommandPrior | undefined;

export function bundledPrior(): CommandPrior {
  const file = prior ? undefined : (bundledFile('prior.json.gz') as { readonly pages: readonly PriorPage[] });
  prior ??= new CommandPrior(file?.pages ?? []);
  return prior;
}
