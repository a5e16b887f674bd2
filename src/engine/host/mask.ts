/**
 * Values of variables that a workflow asks for by name may be secrets: whatever is journaled or shown of a run has
 * `***` in their place.
 */
import type { Workflow } from '../core/model.ts';
import { declaredEnvironment } from './environment.ts';

/** Shorter values are too likely to be part of ordinary words. */
const SECRET_LENGTH_MIN = 4;
const SHA256 = /^[0-9a-f]{64}$/;

/** The values themselves, for whoever has to keep them out of something. */
export const secretValues = (workflow: Workflow): string[] =>
  Object.values(declaredEnvironment(workflow)).filter((each) => each.length >= SECRET_LENGTH_MIN);

/** A copy of `value` with every text in it masked; `value` itself where there is nothing to mask. */
export function masked<T>(workflow: Workflow, value: T): T {
  const secrets = secretValues(workflow);
  if (secrets.length === 0) return value;
  // the longest first: one secret may be part of another
  secrets.sort((a, b) => b.length - a.length);
  return maskedValue(value, secrets) as T;
}

function maskedValue(value: unknown, secrets: readonly string[]): unknown {
  // a digest of something, in which a short secret may turn up by chance
  if (typeof value === 'string' && SHA256.test(value) && !secrets.includes(value)) return value;
  if (typeof value === 'string')
    return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), value);
  if (Array.isArray(value)) return value.map((each) => maskedValue(each, secrets));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskedValue(each, secrets)]));
}
