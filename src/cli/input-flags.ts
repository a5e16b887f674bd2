/**
 * `-i key=value` and `--inputs file.json` to the inputs of a run. Owns the syntax of the flags; what type a value
 * has is for the workflow's declaration, and whether it is right is for the tool.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { coerceInput } from '../definition/check-inputs.ts';
import type { InputSpec, Json, JsonObject } from '../engine/core/model.ts';
import { usage } from './refusal.ts';

export type InputSpecs = { readonly [name: string]: InputSpec };

/** For commander: gathers a repeated option. */
export const gather = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

export interface InputFlags {
  /** `key=value` or `key=@file`; a repeated key makes a list. */
  readonly pairs: readonly string[];
  /** A JSON file; `pairs` win over it. */
  readonly file?: string | undefined;
}

export function readInputs(flags: InputFlags, specs: InputSpecs, cwd: string): JsonObject {
  const inputs: { [name: string]: Json } = flags.file === undefined ? {} : { ...jsonFile(flags.file, cwd) };
  const texts = new Map<string, string[]>();
  for (const pair of flags.pairs) {
    const [name, text] = splitPair(pair, cwd);
    texts.set(name, [...(texts.get(name) ?? []), text]);
  }
  for (const [name, given] of texts) inputs[name] = inputValue(name, given, specs);
  return inputs;
}

function splitPair(pair: string, cwd: string): readonly [string, string] {
  const equals = pair.indexOf('=');
  if (equals < 1) throw usage(`input \`${pair}\` has no value`, 'write -i key=value, or -i key=@file');
  const name = pair.slice(0, equals);
  const text = pair.slice(equals + 1);
  return [name, text.startsWith('@') ? fileText(text.slice(1), cwd) : text];
}

/** An input that the workflow does not have stays text: the tool names it and the ones there are. */
function inputValue(name: string, given: readonly string[], specs: InputSpecs): Json {
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  if (given.length === 1) return spec ? coerceInput(spec, given[0]!) : given[0]!;
  if (spec?.type === 'array') return [...given];
  throw usage(
    `input \`${name}\` is given ${given.length} times`,
    spec ? `it is one ${spec.type}, not a list` : 'only inputs of type array may be repeated',
  );
}

function jsonFile(file: string, cwd: string): JsonObject {
  const text = fileText(file, cwd);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usage(
      `\`${file}\` is not JSON: ${(error as Error).message}`,
      'it holds one object: {"key": value}',
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw usage(`\`${file}\` does not hold a JSON object`, 'it holds the inputs by name: {"key": value}');
}

function fileText(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (error) {
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    throw usage(`file \`${file}\` cannot be read: ${code === 'ENOENT' ? 'it is not there' : code}`);
  }
}
