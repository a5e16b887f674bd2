/**
 * The command of a step as it is learned: its template, with values only where they are surely no secret. Everything else
 * that an expression stands for becomes a name (`$token`).
 */
import { findSpots } from '../../definition/expression/template.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { shellWord } from '../../engine/core/shell-quote.ts';
import { isSecretName } from '../../store/learning/clean-session.ts';

const INPUT = /^\s*inputs\.(\w+)\s*$/;
const LITERAL = /^\s*'([^']*)'\s*$/;
const VALUE_CHARS_MAX = 200;
/** Of an expression without a name. */
const NAMELESS = '$value';

export function shownCommand(template: string, inputs: JsonObject): string {
  let shown = '';
  let from = 0;
  for (const { source, start, end } of findSpots(template).spots) {
    shown += template.slice(from, start) + shownValue(source, inputs);
    from = end;
  }
  return shown + template.slice(from);
}

function shownValue(source: string, inputs: JsonObject): string {
  const literal = LITERAL.exec(source)?.[1];
  if (literal !== undefined) return literal;
  const input = INPUT.exec(source)?.[1];
  const value = input === undefined || isSecretName(input) ? undefined : plainText(inputs[input]);
  return value ?? nameIn(source);
}

function plainText(value: Json | undefined): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || value.length > VALUE_CHARS_MAX || /[\n\r]/.test(value)) return undefined;
  return shellWord(value);
}

/** The last name in it. */
function nameIn(source: string): string {
  const name = source.match(/[A-Za-z_]\w*/g)?.at(-1);
  return name === undefined ? NAMELESS : `$${name}`;
}
