/**
 * The command of a step as it is learned: its template, with values only where they are surely no secret. Everything else
 * that an expression stands for becomes a name (`$token`).
 */
import { analyseShellScript } from '../../definition/expression/shell-script.ts';
import { findSpots } from '../../definition/expression/template.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { shellWord } from '../../engine/core/shell-quote.ts';
import { isSecretName } from '../../store/learning/clean-session.ts';

const INPUT = /^\s*inputs\.(\w+)\s*$/;
const LITERAL = /^\s*'([^']*)'\s*$/;
const VALUE_CHARS_MAX = 200;
/** Whose quoting the most common ones share. */
const SHELL = 'bash';
/** Of an expression without a name. */
const NAMELESS = '$value';

type Quoting = ReturnType<typeof analyseShellScript>['spots'][number]['quoting'];

/** Of the text of a value, what it takes to mean just that text where it stands. */
const WRITTEN: { readonly [quoting in Quoting]: (text: string) => string } = {
  bare: shellWord,
  double: (text) => text.replace(/["$\\`]/g, '\\$&'),
  single: (text) => text.replaceAll("'", "'\\''"),
  ansi: (text) => text.replace(/['\\]/g, '\\$&'),
};

export function shownCommand(template: string, inputs: JsonObject): string {
  const quotings = new Map(
    analyseShellScript(template, SHELL).spots.map(({ start, quoting }) => [start, quoting]),
  );
  let shown = '';
  let from = 0;
  for (const { source, start, end } of findSpots(template).spots) {
    shown += template.slice(from, start) + shownValue(source, inputs, quotings.get(start));
    from = end;
  }
  return shown + template.slice(from);
}

function shownValue(source: string, inputs: JsonObject, quoting: Quoting | undefined): string {
  const literal = LITERAL.exec(source)?.[1];
  if (literal !== undefined) return literal;
  const input = INPUT.exec(source)?.[1];
  const value = input === undefined || isSecretName(input) ? undefined : plainText(inputs[input]);
  // where nobody knows what is quoted, no value is written
  return value === undefined || quoting === undefined ? nameIn(source) : WRITTEN[quoting](value);
}

function plainText(value: Json | undefined): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || value.length > VALUE_CHARS_MAX || /[\n\r]/.test(value)) return undefined;
  return value;
}

/** The last name in it. */
function nameIn(source: string): string {
  const name = source.match(/[A-Za-z_]\w*/g)?.at(-1);
  return name === undefined ? NAMELESS : `$${name}`;
}
