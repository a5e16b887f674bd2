/**
 * `HOME/packs.json`: the name that this data folder's counts have in packs, and what was imported from others, merged.
 * Written by commands of a person only; the file is whole at every moment.
 * 1. The own counts are never in it: they come from the log.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LowSync } from 'lowdb';
import { JSONFileSync } from 'lowdb/node';
import { z } from 'zod';
import { PACK_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Pack } from '../../learning/pack/pack.ts';
import { packDocument, readPackDocument } from '../../learning/pack/pack-document.ts';

const kept = z.object({ own: z.string().regex(/^[0-9a-f]{32}$/), pack: z.unknown() });

export interface KeptPacks {
  /** The name of this folder's source. */
  readonly own: string;
  /** Of others. */
  readonly pack: Pack;
}

/** The file of a data folder. */
export const packsPath = (home: string): string => join(home, 'packs.json');

/** Undefined where nothing was imported or exported, and where the file is damaged: it is begun anew then. */
export function readKeptPacks(home: string): KeptPacks | undefined {
  const path = packsPath(home);
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (bytes === undefined || bytes > 2 * PACK_BYTES_MAX) return undefined;
  let raw: unknown;
  try {
    raw = new JSONFileSync(path).read();
  } catch {
    return undefined;
  }
  const parsed = kept.safeParse(raw);
  const pack = parsed.success ? readPackDocument(parsed.data.pack) : undefined;
  return parsed.success && pack?.ok ? { own: parsed.data.own, pack: pack.value } : undefined;
}

/** As `readKeptPacks`, with a name from now on. */
export function keptPacks(home: string): KeptPacks {
  const known = readKeptPacks(home);
  if (known) return known;
  const fresh = { own: randomBytes(16).toString('hex'), pack: new Map() };
  keepPacks(home, fresh);
  return fresh;
}

export function keepPacks(home: string, { own, pack }: KeptPacks): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const document = new LowSync<unknown>(new JSONFileSync(packsPath(home)), {});
  document.data = { own, pack: packDocument(pack) };
  document.write();
}

/** What others have handed over, and the own name. */
export const forgetPacks = (home: string): void => rmSync(packsPath(home), { force: true });
