/**
 * Definition text (YAML 1.2 core, so JSON too) into plain JSON with positions. Owns what is checked before and
 * while parsing, because the text may be hostile:
 * 1. Size is checked first; nesting and the number of tokens while the text is split, before anything is composed,
 *    because composing recurses and because the parser's own check for equal keys is quadratic (it is off).
 * 2. Aliases, merge keys, tags outside the core schema and more than one document are refused.
 *    An anchor that nobody refers to is harmless and ignored.
 */
import type { Document, LineCounter, Node, Parser } from 'yaml';
import { DEFINITION_BYTES_MAX, DEFINITION_DEPTH_MAX } from '../../engine/core/limits.ts';
import type { Json } from '../../engine/core/model.ts';
import { DiagnosticList, type Locator } from '../diagnostic.ts';
import { textProblem } from './key-rules.ts';
import { readNode } from './read-node.ts';
import { TextLocator } from './text-locator.ts';
import { yamlPackage } from './yaml-package.ts';

/** About twelve for each of the 5,000 keys: the densest definition within the other limits stays below. */
const TOKENS_MAX = 60_000;
/** What the parser's stack holds besides the open collections: the document and the scalar. */
const STACK_EXTRA = 2;

export interface ReadSource {
  /** Absent when the text could not be read; then there are error diagnostics. */
  readonly value?: Json;
  readonly list: DiagnosticList;
  readonly locator: Locator;
}

export function readText(source: string, file?: string): ReadSource {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const lines = new (yamlPackage().LineCounter)();
  lines.addNewLine(0);
  const locator = new TextLocator(text, lines, file);
  const list = new DiagnosticList(locator);
  const nothing = { list, locator };
  if (!checkCharacters(text, list)) return nothing;
  const root = parse(text, lines, locator, list);
  if (list.hasErrors) return nothing;
  locator.setRoot(root);
  const value = readNode(root, list);
  const readable = value !== undefined && !list.hasErrors;
  return { list, locator, ...(readable ? { value } : {}) };
}

function checkCharacters(text: string, list: DiagnosticList): boolean {
  const bytes = text.length > DEFINITION_BYTES_MAX ? text.length : Buffer.byteLength(text);
  if (bytes > DEFINITION_BYTES_MAX) {
    const message = `the definition is larger than ${DEFINITION_BYTES_MAX} bytes`;
    list.add({ code: 'limit', message, hint: 'move long scripts into files and call them', path: [] });
    return false;
  }
  const problem = textProblem(text);
  if (problem) list.add({ ...problem, path: [] });
  return problem === undefined;
}

function parse(text: string, lines: LineCounter, locator: TextLocator, list: DiagnosticList): Node | null {
  const tokens = splitText(text, lines, locator, list);
  if (!tokens) return null;
  const composer = new (yamlPackage().Composer)({
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
  });
  const [document, second] = withoutStacks(() => [...composer.compose(tokens, true, text.length)]);
  for (const problem of [...(document?.errors ?? []), ...(document?.warnings ?? [])]) {
    const message = problem.message.replace(/^./, (first) => first.toLowerCase());
    const hint = isBraces(text, problem.pos[0]) ? BRACES_HINT : undefined;
    list.add({ code: 'yaml', message, path: [], at: locator.at(problem.pos[0]), ...(hint && { hint }) });
  }
  if (second) {
    const message = 'the text holds more than one document, expected one';
    const hint = 'write each workflow into its own file';
    list.add({ code: 'multiple_documents', message, hint, path: [], at: locator.at(second.range[0]) });
  }
  return document?.contents ?? null;
}

/** In `{ key: a {{ b }} }` YAML takes the braces for a map of its own. */
const BRACES_HINT = 'a text with `{{ }}` needs quotes inside of `{ }` and `[ ]`: `"… {{ … }}"`';
const isBraces = (text: string, at: number): boolean => text.startsWith('{{', at);

/** The parser makes an error object for each fault; thousands of stack traces cost more than all the rest. */
function withoutStacks(compose: () => Document.Parsed[]): Document.Parsed[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return compose();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

type Token = Parser['stack'][number];

function splitText(
  text: string,
  lines: LineCounter,
  locator: TextLocator,
  list: DiagnosticList,
): Token[] | undefined {
  const { Lexer, Parser } = yamlPackage();
  const parser = new Parser(lines.addNewLine);
  const tokens: Token[] = [];
  let count = 0;
  let offset = 0;
  const refuse = (message: string) =>
    list.add({ code: 'limit', message, path: [], at: locator.at(Math.min(offset, text.length)) });
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    offset += lexeme.length;
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > DEFINITION_DEPTH_MAX + STACK_EXTRA) {
      refuse(`the definition is nested deeper than ${DEFINITION_DEPTH_MAX} levels`);
      return undefined;
    }
    if (count > TOKENS_MAX) {
      refuse('the definition has too many parts (keys, list items, comments)');
      return undefined;
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}
