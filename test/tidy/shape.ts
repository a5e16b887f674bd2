/**
 * The shape of a file: its length, its functions' length, its name, its head comment and what it must not say.
 */
import { posix } from 'node:path';
import { type Finding, lineAt, type Node, nodesOf, type Source } from './sources.ts';

const FILE_LINES_MAX = 300;
const TEST_FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 50;

const BANNED = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'manager', 'service']);
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;
const HEAD = /^(?:#![^\n]*\n)?\/\*\*/;

// Written in pieces, so that the rules do not find themselves.
const UNFINISHED = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);
const MACHINE_PATH = new RegExp(`(?<![\\w.~})/-])/(?:${['home', 'root', 'work', 'Users'].join('|')})/\\w`);

const found = ({ path }: Source, says: string): Finding => ({ path, says });

/** Files over their length. */
export function fileLengthFindings(sources: readonly Source[]): readonly Finding[] {
  return sources.flatMap((source) => {
    const lines = lineAt(source.text, source.text.trimEnd().length);
    const max = source.path.startsWith('test/') ? TEST_FILE_LINES_MAX : FILE_LINES_MAX;
    return lines > max ? [found(source, `has ${lines} lines, at most ${max}`)] : [];
  });
}

/** Functions over their length; the callback of a `describe` is a chapter, not a function. */
export function functionLengthFindings(sources: readonly Source[]): readonly Finding[] {
  return sources.flatMap((source) =>
    nodesOf(source)
      .filter(({ node, parent }) => isFunction(node) && !isChapter(source, parent))
      .map(({ node }) => ({ line: lineAt(source.text, node.start), last: lineAt(source.text, node.end) }))
      .filter(({ line, last }) => last - line + 1 > FUNCTION_LINES_MAX)
      .map(({ line, last }) =>
        found(source, `line ${line}: a function of ${last - line + 1} lines, at most ${FUNCTION_LINES_MAX}`),
      ),
  );
}

const isFunction = (node: Node): boolean =>
  /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);

const isChapter = ({ text }: Source, parent: Node | undefined): boolean =>
  parent?.type === 'CallExpression' && text.startsWith('describe', parent.start);

/** Names that are not kebab-case or say nothing. */
export function nameFindings(sources: readonly Source[]): readonly Finding[] {
  return sources.flatMap((source) => {
    const parts = source.path.split('/');
    const words = posix.basename(source.path).split(/[.-]/);
    const odd = parts
      .filter((part) => !NAME.test(part))
      .map((part) => found(source, `\`${part}\` is not kebab-case`));
    const banned = words
      .filter((word) => BANNED.has(word))
      .map((word) => found(source, `\`${word}\` is no name`));
    return [...odd, ...banned];
  });
}

/** Code files that do not begin by saying what they own; the name of a `*.test.ts` says it. */
export function headFindings(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter(({ path, text }) => !path.endsWith('.test.ts') && !HEAD.test(text))
    .map((source) => found(source, 'has no head comment'));
}

/** Work left open in a comment. */
export function unfinishedFindings(sources: readonly Source[]): readonly Finding[] {
  return matches(sources, UNFINISHED);
}

/** Paths that exist on one machine only. */
export function machinePathFindings(sources: readonly Source[]): readonly Finding[] {
  return matches(sources, MACHINE_PATH);
}

function matches(sources: readonly Source[], pattern: RegExp): readonly Finding[] {
  return sources.flatMap((source) => {
    const match = pattern.exec(source.text);
    return match ? [found(source, `line ${lineAt(source.text, match.index)}: \`${match[0]}\``)] : [];
  });
}
