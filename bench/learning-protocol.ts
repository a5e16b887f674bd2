/**
 * The labels the learning bench scores against: the stub and the typed template of the published protocol.
 * Written to agree with the reference evaluator on every command, also where a shell would read it otherwise;
 * the product's own reading of a command is `src/learning/shell`.
 */
import { readSegment, segmentStub, splitSegments, stripHeredocs } from './learning-segments.ts';

const PREPARATION = new Set('cd export source . set VAR= pushd mkdir sleep unset'.split(' '));
const NUMBER = /^[-+]?\p{Nd}[\p{Nd}.,:]*%?\n?$/u;
const HEX = /^(?:0x)?[0-9a-f]{7,64}\n?$/;
const ADDRESS = /^\p{Nd}+\.\p{Nd}+\.\p{Nd}+\.\p{Nd}+(?:\/\p{Nd}+)?(?::\p{Nd}+)?\n?$/u;
const SEGMENTS_MAX = 8;
const TEMPLATE_CHARS_MAX = 300;
const NOTHING = '∅';

/** The stub of a command: of its first part that is not mere preparation. */
export function protocolStub(command: string): string {
  let first: string | undefined;
  for (const { separator, text } of splitSegments(stripHeredocs(command))) {
    if (separator === '|') continue;
    const stub = segmentStub(text);
    first ??= stub;
    if (!PREPARATION.has(stub.split(' ')[0] as string)) return stub || NOTHING;
  }
  return first || NOTHING;
}

/** The typed template of a command: each part's stub and the classes of its other words. */
export function protocolTemplate(command: string): string {
  const parts = splitSegments(stripHeredocs(command))
    .slice(0, SEGMENTS_MAX)
    .map(({ separator, text }) => (separator ? `${separator} ` : '') + segmentTemplate(text));
  const template = parts.join(' ');
  return (
    (template.length > TEMPLATE_CHARS_MAX ? [...template].slice(0, TEMPLATE_CHARS_MAX).join('') : template) ||
    NOTHING
  );
}

function segmentTemplate(segment: string): string {
  const stub = segmentStub(segment);
  const words = [stub];
  const skip = new Set(stub.split(' '));
  for (const token of readSegment(segment)) {
    if (skip.has(token) || skip.has(token.slice(token.lastIndexOf('/') + 1))) continue;
    const word = tokenClass(token) ?? ([...token].length <= 2 ? token : '<arg>');
    if (words.at(-1) !== word) words.push(word);
  }
  return words.join(' ');
}

/** The class of a word, or undefined for a plain one. */
export function tokenClass(token: string): string | undefined {
  if (token.startsWith('-') && token.length > 1 && !NUMBER.test(token)) {
    return token.includes('=') ? `${token.slice(0, token.indexOf('='))}=<*>` : token;
  }
  if (NUMBER.test(token)) return '<num>';
  if (HEX.test(token) && /\d/.test(token)) return '<hex>';
  if (/^[a-z]+:\/\//.test(token)) return '<url>';
  if (ADDRESS.test(token)) return '<ip>';
  if (token.includes('/') || /\.[A-Za-z][A-Za-z0-9]{0,5}\n?$/.test(token) || token.startsWith('~'))
    return '<path>';
  if (token === '.' || token === '..') return '<path>';
  return /[ \n$]/.test(token) ? '<str>' : undefined;
}
