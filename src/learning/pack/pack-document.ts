/**
 * A pack as a JSON document, with a version and a checksum over all of it. A document that does not fit, was changed, or
 * was written by a newer program is refused as a whole.
 */
import { createHash } from 'node:crypto';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { PACK_COUNTS_MAX, PACK_SOURCES_MAX } from '../../engine/core/limits.ts';
import type { Counts, Pack, PackSource } from './pack.ts';

const FORMAT = 'belay-learning-pack';
const VERSION = 1;
const SOURCE = /^[0-9a-f]{16,64}$/;
const TEMPLATE_CHARS_MAX = 400;
const COUNT_MAX = 1_000_000_000;

export interface PackDocument {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly sources: { readonly [name: string]: unknown };
  /** Of the document without it, keys in order. */
  readonly sha256: string;
}

export interface PackProblem {
  readonly code: 'pack_invalid' | 'pack_newer' | 'pack_changed';
  readonly message: string;
  readonly hint: string;
}

export function packDocument(pack: Pack): PackDocument {
  const sources = Object.fromEntries([...pack].map(([name, source]) => [name, sourceDocument(source)]));
  const body = { format: FORMAT, version: VERSION, sources } as const;
  return { ...body, sha256: checksum(body) };
}

/** Of any value. */
export function readPackDocument(value: unknown): Result<Pack, PackProblem> {
  if (!isRecord(value) || value.format !== FORMAT)
    return err(invalid('it is no pack', 'packs are made by belay learn --export FILE'));
  const { version, sha256, ...rest } = value;
  if (typeof version === 'number' && version > VERSION)
    return err({
      code: 'pack_newer',
      message: `the pack has version ${version}, this program knows up to ${VERSION}`,
      hint: 'upgrade belay, or ask for a pack of an older version',
    });
  if (version !== VERSION) return err(invalid('its version is none', ASK_AGAIN));
  if (sha256 !== checksum({ ...rest, version }))
    return err({
      code: 'pack_changed',
      message: 'the pack is not as it was written: its checksum does not fit',
      hint: ASK_AGAIN,
    });
  const pack = readSources(value.sources);
  return pack ? ok(pack) : err(invalid('its counts are not of the form that a pack has', ASK_AGAIN));
}

const ASK_AGAIN = 'ask whoever made it for the file once more; nothing of it was taken';

const invalid = (why: string, hint: string): PackProblem => ({
  code: 'pack_invalid',
  message: `the file cannot be used as a pack: ${why}`,
  hint,
});

const sourceDocument = ({ epoch, weight, commands, follows }: PackSource) => ({
  epoch,
  weight,
  commands: Object.fromEntries(commands),
  follows: Object.fromEntries([...follows].map(([before, after]) => [before, Object.fromEntries(after)])),
});

const checksum = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex');

/** The same text for the same value, whatever the order of its keys; the depth is that of a pack. */
function canonical(value: unknown, depth = 0): string {
  if (!isRecord(value) || depth > 5) return JSON.stringify(value) ?? 'null';
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key], depth + 1)}`);
  return `{${entries.join(',')}}`;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function readSources(value: unknown): Pack | undefined {
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length > PACK_SOURCES_MAX || !entries.every(([name]) => SOURCE.test(name))) return undefined;
  const sources = entries.map(([name, source]) => [name, readSource(source)] as const);
  return sources.every(([, source]) => source !== undefined)
    ? new Map(sources as readonly (readonly [string, PackSource])[])
    : undefined;
}

function readSource(value: unknown): PackSource | undefined {
  if (!isRecord(value)) return undefined;
  const { epoch, weight } = value;
  const commands = readCounts(value.commands);
  const isWeight = typeof weight === 'number' && weight >= 0 && weight <= 1;
  if (!isCount(epoch) || !isWeight || !commands || !isRecord(value.follows)) return undefined;
  const follows = new Map<string, Counts>();
  let pairs = 0;
  for (const [before, after] of Object.entries(value.follows)) {
    const counts = readCounts(after);
    pairs += counts?.size ?? 0;
    if (!counts || before.length > TEMPLATE_CHARS_MAX || pairs + commands.size > PACK_COUNTS_MAX)
      return undefined;
    follows.set(before, counts);
  }
  return { epoch, weight, commands, follows };
}

function readCounts(value: unknown): Counts | undefined {
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value);
  const fits = ([template, times]: [string, unknown]): boolean =>
    isCount(times) && template !== '' && template.length <= TEMPLATE_CHARS_MAX;
  return entries.length <= PACK_COUNTS_MAX && entries.every(fits)
    ? new Map(entries as [string, number][])
    : undefined;
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX;
