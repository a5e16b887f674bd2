/**
 * A definition without the secrets that were written into it: each becomes a variable that the workflow asks for. What
 * stays is only where the value goes.
 */
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { redact } from '../../learning/redact.ts';

export interface SecretFree {
  readonly definition: JsonObject;
  /** Variables that stand for what was taken out. */
  readonly secrets: readonly string[];
}

const HIDDEN = '***';
const USUAL = 'SECRET';
/** Words before the secret that say what it is; the last one counts. */
const NAMED = /([A-Za-z][A-Za-z0-9_-]*)[^A-Za-z0-9]*$/;
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/bearer|token/i, 'TOKEN'],
  [/pass(?:word|wd)?$|^p$/i, 'PASSWORD'],
  [/key$/i, 'KEY'],
];
const NAMED_CHARS_MAX = 100;
/** Longer rows of them were typed by somebody. */
const TAKEN_OUT = /(?<!\*)\*{3}(?!\*)/g;
/** Would be hidden where a secret has to be. Each costs a look at the whole command. */
const PROBE = 'q7';
const PROBES_MAX = 16;
const NOT_EXPRESSIONS = /(\{\{.*?\}\})/s;

export function secretFree(definition: JsonObject): SecretFree {
  const secrets = new Set<string>();
  const clean = cleaned(withoutDefaults(definition), secrets) as JsonObject;
  if (secrets.size === 0) return { definition, secrets: [] };
  const known = Array.isArray(clean.secrets) ? (clean.secrets as string[]) : [];
  return {
    definition: { ...clean, secrets: [...new Set([...known, ...secrets])] },
    secrets: [...secrets],
  };
}

/** Values of the variables that a workflow asks for stand by name in the place of the values themselves. */
export function withNames(definition: JsonObject, values: ReadonlyMap<string, string>): JsonObject {
  const named = (value: Json): Json => {
    if (typeof value === 'string') {
      let text = value;
      for (const [name, held] of values) text = text.replaceAll(held, () => `{{ env.${name} }}`);
      return text;
    }
    if (Array.isArray(value)) return value.map(named);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, named(each)]));
  };
  return named(definition) as JsonObject;
}

/** A default is no template: an input whose default is a secret has to be given. */
function withoutDefaults(definition: JsonObject): JsonObject {
  const { inputs } = definition;
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) return definition;
  const free = Object.entries(inputs as JsonObject).map(([name, spec]) => {
    const { default: usual, ...rest } = (spec ?? {}) as JsonObject;
    const isSecret = typeof usual === 'string' && redact(`${name}=${usual}`).hits > 0;
    return [name, isSecret ? { ...rest, required: true } : spec];
  });
  return { ...definition, inputs: Object.fromEntries(free) };
}

function cleaned(value: Json, secrets: Set<string>): Json {
  if (typeof value === 'string') return withVariables(value, secrets);
  if (Array.isArray(value)) return value.map((each) => cleaned(each, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, cleanedMember(key, each, secrets)]),
  );
}

/** A value beside a name that says what it is, as in `env`, is judged with it. */
function cleanedMember(key: string, value: Json, secrets: Set<string>): Json {
  if (typeof value !== 'string' || value.includes('{{')) return cleaned(value, secrets);
  const told = redact(`${key}=${value}`).text;
  return told === `${key}=${HIDDEN}` && redact(value).text === value
    ? `{{ env.${variable(key, secrets)} }}`
    : cleaned(value, secrets);
}

function withVariables(text: string, secrets: Set<string>): string {
  // expressions hold no values of their own, but would look like words to whoever looks for secrets
  const { text: shown } = redact(text);
  if (!shown.includes(HIDDEN)) return text;
  const pieces = shown
    .split(NOT_EXPRESSIONS)
    .flatMap((piece, at) => (at % 2 === 1 ? [piece] : inPieces(piece)));
  let told = '';
  for (const piece of pieces)
    told += piece === HIDDEN ? `{{ env.${variable(NAMED.exec(told)?.[1], secrets)} }}` : piece;
  return told;
}

const inPieces = (text: string): readonly string[] => text.split(/(\*\*\*)/);

/** What a secret is by the word that stands before it: `TOKEN`, or the variable that has it. */
function secretKind(word: string | undefined): string {
  const isWhole = word !== undefined && /^[A-Z][A-Z0-9_]+$/.test(word);
  return isWhole ? word : (NAMES.find(([pattern]) => pattern.test(word ?? ''))?.[1] ?? USUAL);
}

/** With `<token>`, `<password>` and the like in the place of each secret that was taken out of the command. */
export function withOpenSecrets(command: string): string {
  let probes = 0;
  return command.replace(TAKEN_OUT, (stars, at: number) => {
    probes += 1;
    const [before, behind] = [command.slice(0, at), command.slice(at + stars.length)];
    // elsewhere somebody typed them, or nobody can say what belongs there
    if (probes > PROBES_MAX || redact(before + PROBE + behind).text !== command) return stars;
    const [, word] = NAMED.exec(before.slice(-NAMED_CHARS_MAX)) ?? [];
    return `<${secretKind(word).toLowerCase()}>`;
  });
}

/** A name that is not taken for another secret. */
function variable(word: string | undefined, secrets: Set<string>): string {
  const base = secretKind(word);
  for (let twin = 1; ; twin += 1) {
    const name = twin === 1 ? base : `${base}_${twin}`;
    if (secrets.has(name)) continue;
    secrets.add(name);
    return name;
  }
}
