/**
 * A question's form on a terminal: one prompt a field, asked again until the value fits.
 * Owns how typed text becomes a value of the field's type; what fits is for `steps/check-answer`.
 */
import type { Json, JsonObject } from '../engine/core/model.ts';
import { checkValue } from '../steps/check-answer.ts';
import { printable } from './style.ts';
import type { Terminal } from './terminal.ts';

type Fields = { readonly [name: string]: JsonObject };

export const fieldsOf = (schema: JsonObject): Fields => (schema.properties ?? {}) as Fields;

export const requiredOf = (schema: JsonObject): readonly string[] =>
  (schema.required ?? []) as readonly string[];

const YES = ['y', 'yes', 'true', 'approve', 'approved'];
const NO = ['n', 'no', 'false', 'reject', 'rejected'];

/** Typed text as a value for the field; text that is no such value stays text, for the check to name. */
export function fieldValue(field: JsonObject, text: string): Json {
  const word = text.trim();
  if (field.type === 'boolean') {
    if (YES.includes(word.toLowerCase())) return true;
    return NO.includes(word.toLowerCase()) ? false : text;
  }
  if (field.type !== 'number' && field.type !== 'integer') return text;
  return word === '' || Number.isNaN(Number(word)) ? text : Number(word);
}

/** The filled form; undefined when the person leaves it (end of input, Ctrl-C). */
export async function askForm(
  terminal: Terminal,
  message: string,
  schema: JsonObject,
): Promise<JsonObject | undefined> {
  terminal.err(`${terminal.style('err').bold(printable(message))}\n`);
  const required = requiredOf(schema);
  const content: { [name: string]: Json } = {};
  for (const [name, field] of Object.entries(fieldsOf(schema))) {
    const answered = await askField(terminal, name, field, required.includes(name));
    if (answered === 'left') return undefined;
    if (answered !== undefined) content[name] = answered.value;
  }
  return content;
}

/** One value that is no form, such as the tick of an instruction; undefined when the person leaves it. */
export async function askValue(
  terminal: Terminal,
  message: string,
  schema: JsonObject,
): Promise<Json | undefined> {
  terminal.err(`${terminal.style('err').bold(printable(message))}\n`);
  const answered = await askField(terminal, 'answer', schema, true);
  return answered === 'left' ? undefined : answered?.value;
}

async function askField(
  terminal: Terminal,
  name: string,
  field: JsonObject,
  isRequired: boolean,
): Promise<{ readonly value: Json } | undefined | 'left'> {
  const prompt = promptOf(name, field, isRequired);
  for (;;) {
    const text = await terminal.ask(prompt);
    if (text === undefined) return 'left';
    if (text === '' && field.default !== undefined) return { value: field.default };
    if (text === '' && !isRequired) return undefined;
    const value = fieldValue(field, text);
    const problem = checkValue(field, value);
    if (problem === undefined) return { value };
    terminal.err(`  ${printable(problem)}\n`);
  }
}

function promptOf(name: string, field: JsonObject, isRequired: boolean): string {
  const { title, description, type, default: preset } = field;
  const label = printable(String(title ?? name));
  const about = description === undefined ? '' : ` (${printable(String(description))})`;
  const choices = Array.isArray(field.enum) ? ` [${field.enum.map(String).join('/')}]` : '';
  const yesNo = type === 'boolean' && choices === '' ? ' [y/n]' : '';
  const fallback = preset === undefined ? '' : ` default ${JSON.stringify(preset)}`;
  const optional = isRequired || preset !== undefined ? '' : ' optional';
  return `  ${label}${about}${printable(choices)}${yesNo}${printable(fallback)}${optional}: `;
}
