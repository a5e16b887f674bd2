/**
 * The form of a question as HTML, and what a browser sends back of it as an answer. Only how values are written and read is
 * here; whether they fit the schema is for the tool to say.
 */
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { htmlText, htmlValue } from '../html-text.ts';

/** Names in the form, so that no field of a question can pass for one of the page's own. */
const FIELD = 'answer.';
/** For a question that takes one value and has no fields. */
const BARE = 'answer';
/** A longer text gets more than one line. */
const LINE_CHARS_MAX = 120;

type Fields = readonly (readonly [name: string, field: JsonObject])[];

/** One control for each field; `given` are the values that were sent before. */
export function formFields(schema: JsonObject, given?: URLSearchParams): string {
  const required = (schema.required ?? []) as readonly string[];
  if (schema.properties === undefined) return control(BARE, 'Answer', schema, true, given);
  return fieldsOf(schema)
    .map(([name, field]) => {
      const label = typeof field.title === 'string' ? field.title : name;
      return control(FIELD + name, label, field, required.includes(name), given);
    })
    .join('\n');
}

/** The answer; what was left empty is not in it, unless it must be. */
export function formAnswer(schema: JsonObject, sent: URLSearchParams): Json {
  if (schema.properties === undefined) return typedValue(schema, sent.get(BARE) ?? '');
  const required = (schema.required ?? []) as readonly string[];
  const answer: [string, Json][] = [];
  for (const [name, field] of fieldsOf(schema)) {
    const text = sent.get(FIELD + name);
    if (text === null) continue;
    if (text !== '') answer.push([name, typedValue(field, text)]);
    else if (field.default !== undefined) answer.push([name, field.default]);
    else if (required.includes(name) && isText(field)) answer.push([name, '']);
  }
  return Object.fromEntries(answer);
}

const fieldsOf = (schema: JsonObject): Fields =>
  Object.entries((schema.properties ?? {}) as JsonObject) as never;

const isText = ({ type }: JsonObject): boolean => type === 'string';

/** What is no such value stays text, for the check to name. */
function typedValue({ type, enum: choices }: JsonObject, text: string): Json {
  // browsers send line ends their own way
  const written = text.replace(/\r\n/g, '\n');
  if (type === 'string' || (type === undefined && choices !== undefined)) return written;
  if (type === 'boolean') return written === 'true' || (written === 'false' ? false : written);
  if (type === 'number' || type === 'integer')
    return Number.isNaN(Number(written)) ? written : Number(written);
  try {
    return JSON.parse(written) as Json;
  } catch {
    return written;
  }
}

function control(
  name: string,
  label: string,
  field: JsonObject,
  isRequired: boolean,
  given: URLSearchParams | undefined,
): string {
  const preset = given ? (given.get(name) ?? undefined) : presetOf(field);
  const mark = isRequired ? ' required' : '';
  const about = typeof field.description === 'string' ? `<small>${htmlText(field.description)}</small>` : '';
  const head = `${htmlText(label)}${isRequired ? '' : ' (optional)'}`;
  if (field.type === 'boolean')
    return `<fieldset><legend>${head}</legend>${about}${radios(name, preset, isRequired || field.default !== undefined)}</fieldset>`;
  const named = `name="${htmlValue(name)}"${mark}`;
  return `<p><label>${head}${about}${box(named, field, preset)}</label></p>`;
}

function presetOf({ default: preset, type }: JsonObject): string | undefined {
  if (preset === undefined) return undefined;
  return type === 'string' || typeof preset === 'string' ? String(preset) : JSON.stringify(preset);
}

/** @param isSaid there is an answer in any case */
function radios(name: string, preset: string | undefined, isSaid: boolean): string {
  const choices = [['true', 'Yes'], ['false', 'No'], ...(isSaid ? [] : [['', 'No answer']])] as const;
  return choices
    .map(([value, text]) => {
      const marks = `${isSaid ? ' required' : ''}${preset === value ? ' checked' : ''}`;
      const radio = `<input type="radio" name="${htmlValue(name)}" value="${value}"${marks}>`;
      return `<label>${radio} ${text}</label>`;
    })
    .join(' ');
}

/** Where there is more than one line, or something else than a word or number is wanted, a text area. */
function box(named: string, field: JsonObject, preset: string | undefined): string {
  const { type, enum: choices, maxLength, minimum, maximum } = field;
  const value = preset === undefined ? '' : ` value="${htmlValue(preset)}"`;
  if (Array.isArray(choices)) return options(named, choices.map(String), preset);
  if (type === 'number' || type === 'integer') {
    const step = type === 'integer' ? 1 : 'any';
    return `<input type="number" ${named} step="${step}"${bound('min', minimum)}${bound('max', maximum)}${value}>`;
  }
  // lengths are for the tool: browsers count other characters than it does
  if (type === 'string' && typeof maxLength === 'number' && maxLength <= LINE_CHARS_MAX)
    return `<input type="text" ${named}${value}>`;
  const hint = type === 'string' ? '' : '<small>as JSON</small>';
  // the first line end after the tag is not part of the text
  return `${hint}<textarea rows="4" ${named}>\n${htmlValue(preset ?? '')}</textarea>`;
}

function options(named: string, choices: readonly string[], preset: string | undefined): string {
  const all = choices.map((choice) => {
    const mark = choice === preset ? ' selected' : '';
    return `<option value="${htmlValue(choice)}"${mark}>${htmlText(choice)}</option>`;
  });
  return `<select ${named}><option value=""></option>${all.join('')}</select>`;
}

const bound = (name: string, value: Json | undefined): string =>
  typeof value === 'number' ? ` ${name}="${value}"` : '';
