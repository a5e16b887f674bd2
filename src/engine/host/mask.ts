/**
 * Values of variables that a workflow asks for by name may be secrets: whatever is journaled or shown of a run has
 * `***` in their place, as they are and as programs commonly spell them (`secret-spellings`).
 * 1. Spellings are worked out once for the values of a workflow, and not at all where it asks for no variable.
 * 2. Where secrets overlap all of them is hidden.
 */
import type { Workflow } from '../core/model.ts';
import { declaredEnvironment } from './environment.ts';
import { secretSpellings } from './secret-spellings.ts';

/** Shorter values are too likely to be part of ordinary words. */
const SECRET_LENGTH_MIN = 4;
const SHA256 = /^[0-9a-f]{64}$/;
const HIDDEN = '***';

type Secrets = { readonly [name: string]: string };

interface Mask {
  readonly secrets: Secrets;
  /** Of all values, the longest first. */
  readonly spellings: readonly string[];
}

/** A piece of a text, from one index to before another. */
interface Span {
  readonly from: number;
  to: number;
}

const masks = new WeakMap<Workflow, Mask>();

/** The values themselves, for whoever has to keep them out of something. */
export const secretValues = (workflow: Workflow): string[] => Object.values(secretsOf(workflow));

/** Names of the variables whose values, however spelled, are in a text; a whole digest is left alone as in `masked`. */
export const secretsIn = (workflow: Workflow, text: string): readonly string[] =>
  Object.entries(secretsOf(workflow))
    .filter(([, value]) =>
      SHA256.test(text) ? value === text : spellingsOf([value]).some((spelling) => text.includes(spelling)),
    )
    .map(([name]) => name);

/** What a secret of the workflow takes at most, in bytes; 0: it has none. */
export const secretBytesMax = (workflow: Workflow): number =>
  Math.max(0, ...(maskOf(workflow)?.spellings ?? []).map((spelling) => Buffer.byteLength(spelling)));

/** A copy of `value` with every text in it masked; `value` itself where there is nothing to mask. */
export function masked<T>(workflow: Workflow, value: T): T {
  const mask = maskOf(workflow);
  return mask ? (maskedValue(value, mask.spellings) as T) : value;
}

/**
 * Of a text that is a part of a longer one, what may be shown from the index `from` on: a secret that begins before it
 * is hidden whole. Unless the text `isOver`, an end that may be the beginning of a secret is left for later.
 * @returns `next`: the index of what was left
 */
export function maskedPart(
  workflow: Workflow,
  text: string,
  from: number,
  isOver: boolean,
): { readonly shown: string; readonly next: number } {
  const { spellings = [] } = maskOf(workflow) ?? {};
  const spans = secretSpans(text, spellings);
  const open = isOver ? text.length : openEnd(text, spellings);
  const next = spans.find((span) => span.from < open && open < span.to)?.from ?? open;
  return { shown: hidden(text, spans, from, next), next };
}

function secretsOf(workflow: Workflow): Secrets {
  const declared = Object.entries(declaredEnvironment(workflow));
  return Object.fromEntries(declared.filter(([, value]) => value.length >= SECRET_LENGTH_MIN));
}

function maskOf(workflow: Workflow): Mask | undefined {
  if (workflow.prerequisites.length === 0) return undefined;
  const secrets = secretsOf(workflow);
  if (Object.keys(secrets).length === 0) return undefined;
  const known = masks.get(workflow);
  if (known && isSame(known.secrets, secrets)) return known;
  const mask = { secrets, spellings: spellingsOf(Object.values(secrets)) };
  masks.set(workflow, mask);
  return mask;
}

function isSame(one: Secrets, other: Secrets): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

const spellingsOf = (values: readonly string[]): readonly string[] =>
  [...new Set(values.flatMap(secretSpellings))]
    .filter((spelling) => spelling.length >= SECRET_LENGTH_MIN)
    .sort((a, b) => b.length - a.length);

function maskedValue(value: unknown, spellings: readonly string[]): unknown {
  if (typeof value === 'string') {
    // a digest of something, in which a short secret may turn up by chance
    if (SHA256.test(value) && !spellings.includes(value)) return value;
    return hidden(value, secretSpans(value, spellings), 0, value.length);
  }
  if (Array.isArray(value)) return value.map((each) => maskedValue(each, spellings));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskedValue(each, spellings)]));
}

/** Where secrets stand, in order; those that overlap are one. */
function secretSpans(text: string, spellings: readonly string[]): readonly Span[] {
  const found = spellings.flatMap((spelling) => spansOf(text, spelling));
  return joined(found.sort((a, b) => a.from - b.from));
}

function spansOf(text: string, spelling: string): readonly Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(spelling); at !== -1; at = text.indexOf(spelling, at + 1))
    add(spans, { from: at, to: at + spelling.length });
  return spans;
}

function joined(found: readonly Span[]): readonly Span[] {
  const spans: Span[] = [];
  for (const span of found) add(spans, span);
  return spans;
}

function add(spans: Span[], span: Span): void {
  const last = spans.at(-1);
  if (last && span.from < last.to) last.to = Math.max(last.to, span.to);
  else spans.push(span);
}

/** Where the longest end begins that may be the beginning of a secret; the text's length where none may. */
function openEnd(text: string, spellings: readonly string[]): number {
  let open = text.length;
  for (const spelling of spellings) {
    const earliest = Math.max(0, text.length - spelling.length + 1);
    for (let at = earliest; at < open; at += 1)
      if (text[at] === spelling[0] && spelling.startsWith(text.slice(at))) open = at;
  }
  return open;
}

function hidden(text: string, spans: readonly Span[], from: number, to: number): string {
  if (spans.length === 0) return text.slice(from, to);
  let shown = '';
  let at = from;
  for (const span of spans) {
    if (span.to <= at || span.from >= to) continue;
    shown += text.slice(at, Math.max(at, span.from)) + HIDDEN;
    at = span.to;
  }
  return shown + text.slice(at, Math.max(at, to));
}
