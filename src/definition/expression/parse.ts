/**
 * Source text to syntax tree, through the CEL library's parser and its limits.
 * Owns the two spellings that CEL itself does not know: `{{ }}` inside an expression means its value
 * (rewritten to parentheses of the same length, so positions stay true), and `1..10` is `range(1, 10)`.
 */
import { type ASTNode, Environment, type ParseError } from '@marcbachmann/cel-js';

export interface SyntaxProblem {
  readonly code: 'syntax' | 'limit';
  readonly message: string;
  readonly hint?: string;
  readonly offset: number;
}

/** Source text of one expression. */
const EXPRESSION_CHARS_MAX = 16_384;

const parser = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: {
    maxAstNodes: 2_000,
    maxDepth: 64,
    maxListElements: 1_000,
    maxMapEntries: 1_000,
    maxCallArguments: 16,
  },
});

/** The syntax tree, or what is wrong with the text. */
export function parseExpression(source: string): ASTNode | SyntaxProblem {
  if (source.length > EXPRESSION_CHARS_MAX) {
    return {
      code: 'limit',
      message: `the expression is longer than ${EXPRESSION_CHARS_MAX} characters`,
      offset: 0,
    };
  }
  if (source.trim() === '') {
    return {
      code: 'syntax',
      message: 'the expression is empty',
      hint: 'write a value, such as inputs.name',
      offset: 0,
    };
  }
  const quoted = quotedReference(source);
  if (quoted) return quoted;
  const plain = unwrapBraces(source);
  if (typeof plain !== 'string') return plain;
  const range = /^(\s*)([\w.[\]'"()-]*[\w\])])\.\.([\w('"][\w.[\]'"()-]*)\s*$/.exec(plain);
  try {
    return parser.parse(range ? `${range[1]}range(${range[2]},${range[3]})` : plain).ast;
  } catch (error) {
    return syntaxProblem(source, error as ParseError);
  }
}

export const isProblem = (parsed: ASTNode | SyntaxProblem): parsed is SyntaxProblem => 'code' in parsed;

function syntaxProblem(source: string, error: ParseError): SyntaxProblem {
  const summary = (error.summary ?? error.message).toLowerCase();
  const isLimit = /exceed|limit/.test(summary);
  const offset = Math.min(error.range?.start ?? 0, source.length);
  return {
    code: isLimit ? 'limit' : 'syntax',
    message: `expression \`${excerpt(source)}\` ${isLimit ? 'is too large' : 'cannot be read'}: ${summary}`,
    hint: syntaxHint(source.trim()),
    offset,
  };
}

function syntaxHint(source: string): string {
  if (/^[.#$@%]|^(?:range|if|end|with|template)\b/.test(source)) {
    return `text for another templating tool is written as a quoted value: {{ '{{${source}}}' }}`;
  }
  if (/[^=!<>]=[^=]/.test(source)) return 'equality is written ==';
  if (/\b(?:and|or|not)\b/.test(source)) return 'logic is written &&, || and !';
  return "expressions are CEL, such as inputs.env == 'prod'; a literal {{ is written {{ '{{' }}";
}

/** Short form of a source for messages. */
export const excerpt = (source: string): string => {
  const line = source.trim().replace(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
};

/** `'{{ inputs.env }}' == 'prod'` would compare braces, not the value: said instead of run. */
function quotedReference(source: string): SyntaxProblem | undefined {
  const match = /(['"])\{\{\s*((?:inputs|env|steps|run|item)\b[^'"{}]*)\}\}\1/.exec(source);
  if (!match) return undefined;
  return {
    code: 'syntax',
    message: `expression \`${excerpt(source)}\` puts \`${match[0]}\` in quotes, which makes it plain text`,
    hint: `write ${match[2]!.trim()} without quotes and braces`,
    offset: match.index,
  };
}

function unwrapBraces(source: string): string | SyntaxProblem {
  if (!source.includes('{{')) return source;
  let plain = '';
  const open: ('{' | '{{')[] = [];
  for (let at = 0; at < source.length; ) {
    const token = braceToken(source, at, open.at(-1) === '{{');
    if (token === '{{' || token === '{') open.push(token);
    else if ((token === '}}' || token === '}') && open.pop() !== (token === '}}' ? '{{' : '{')) {
      return {
        code: 'syntax',
        message: `expression \`${excerpt(source)}\` has an unbalanced \`${token}\``,
        offset: at,
      };
    }
    plain += token === '{{' ? ' (' : token === '}}' ? ') ' : token;
    at += token.length;
  }
  return plain;
}

/** The next piece that matters for braces: a whole string literal, a brace or pair of braces, or one character. */
export function braceToken(source: string, at: number, closesPair: boolean): string {
  const char = source[at]!;
  if (char === '"' || char === "'") return stringLiteral(source, at);
  if (char === '{' && source[at + 1] === '{') return '{{';
  if (char === '}' && source[at + 1] === '}' && closesPair) return '}}';
  return char;
}

function stringLiteral(source: string, at: number): string {
  const quote = source.startsWith(source[at]!.repeat(3), at) ? source[at]!.repeat(3) : source[at]!;
  const isRaw = /[rR]/.test(source[at - 1] ?? '') && !/\w/.test(source[at - 2] ?? '');
  for (let end = at + quote.length; end < source.length; end++) {
    if (source[end] === '\\' && !isRaw) end++;
    else if (source.startsWith(quote, end)) return source.slice(at, end + quote.length);
  }
  return source.slice(at);
}
