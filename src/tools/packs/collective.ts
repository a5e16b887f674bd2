/** What others' packs say, read again only when their file has changed: a server is asked often. */
import { statSync } from 'node:fs';
import { CollectivePrior } from '../../learning/pack/collective-prior.ts';
import { packsPath, readKeptPacks } from './kept-packs.ts';

let known: { readonly stamp: string; readonly prior: CollectivePrior | undefined } | undefined;

/** Undefined where nothing was imported. */
export function collectivePrior(home: string): CollectivePrior | undefined {
  const path = packsPath(home);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return undefined;
  const stamp = [path, stats.size, stats.mtimeMs, stats.ino].join(' ');
  if (known?.stamp !== stamp) {
    const packs = readKeptPacks(home);
    const isEmpty = packs === undefined || packs.pack.size === 0;
    known = { stamp, prior: isEmpty ? undefined : new CollectivePrior(packs.pack, packs.own) };
  }
  return known.prior;
}
