/** The identity of a definition: sha256 over its canonical JSON (keys sorted, no white space, UTF-8). */
import { createHash } from 'node:crypto';
import type { Workflow } from '../engine/core/model.ts';

/** Hex. Two definitions with one digest run alike. */
export function definitionDigest(workflow: Workflow): string {
  return createHash('sha256').update(canonicalJson(workflow)).digest('hex');
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const record = value as { readonly [key: string]: unknown };
  const members = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`);
  return `{${members.join(',')}}`;
}
