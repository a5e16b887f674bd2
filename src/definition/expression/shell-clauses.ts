/**
 * Parts of the shell grammar that hold no commands: comments, here-documents, lists of items, the heads of `for` and
 * `function`, and conditions. Each function reads from where the lexer stands.
 */
import type { ShellLexer } from './shell-lexer.ts';
import type { Word } from './shell-word.ts';

const NUMERIC = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);
export const SUBSCRIPT = 'in a subscript, which is evaluated as arithmetic';
const NAME_TESTS = new Set(['-v', '-R']);

export function readComment(lexer: ShellLexer): void {
  const end = lexer.text.indexOf('\n', lexer.at);
  const stop = end < 0 ? lexer.text.length : end;
  lexer.refuse(lexer.marksIn(lexer.at, stop), 'in a comment');
  lexer.at = stop;
}

export function readHereDocs(lexer: ShellLexer): void {
  for (const { delimiter, stripsTabs, expands } of lexer.hereDocs.splice(0)) {
    const start = lexer.at;
    for (let isJoined = false; ; ) {
      if (lexer.at >= lexer.text.length) lexer.lost(`the here-document \`${delimiter}\` never ends`, start);
      const end = lexer.text.indexOf('\n', lexer.at);
      const line = lexer.text.slice(lexer.at, end < 0 ? lexer.text.length : end);
      lexer.at += line.length + (end < 0 ? 0 : 1);
      const isDelimiter = (stripsTabs ? line.replace(/^\t+/, '') : line) === delimiter;
      if (isDelimiter && expands) lexer.variables.readUnseen(start, lexer.at, false);
      if (isDelimiter && isJoined) lexer.lost('a here-document line that ends in a backslash');
      if (isDelimiter) break;
      isJoined = expands && /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
    }
    lexer.refuse(lexer.marksIn(start, lexer.at), 'in a here-document');
  }
}

export function skipLines(lexer: ShellLexer): void {
  for (lexer.skipBlanks(); lexer.char === '\n' || lexer.char === '#'; lexer.skipBlanks()) {
    if (lexer.char === '#') readComment(lexer);
    else {
      lexer.at += 1;
      readHereDocs(lexer);
    }
  }
}

/** The items of `name=( … )`. */
export function readArray(lexer: ShellLexer): number[] {
  const start = lexer.at++;
  for (;;) {
    lexer.skipBlanks();
    if (lexer.char === ')') break;
    if (lexer.char === '\n') {
      lexer.at += 1;
      if (lexer.hereDocs.length > 0) lexer.lost('a line break in a list after `<<`');
    } else if (lexer.char === '#') readComment(lexer);
    else {
      const item = lexer.readWord();
      if (item.raw === '') lexer.lost('a list of items is not understood');
      if (!item.raw.startsWith('[')) continue;
      lexer.variables.evaluateWord(item);
      lexer.refuse(item.marks, SUBSCRIPT);
    }
  }
  lexer.at += 1;
  return lexer.marksIn(start, lexer.at);
}

export function readFunction(lexer: ShellLexer): void {
  lexer.skipBlanks();
  const name = lexer.readWord();
  lexer.variables.functions.add(name.literal);
  lexer.refuse(name.marks, 'as the name of a function');
  lexer.skipBlanks();
  if (lexer.starts('()')) lexer.at += 2;
}

/** `for name in words`, up to the line's end; the words are plain data. */
export function readFor(lexer: ShellLexer): void {
  lexer.skipBlanks();
  if (lexer.starts('((')) {
    lexer.readBalanced('(', ')', 'in arithmetic (( ))');
    return;
  }
  const name = lexer.readWord();
  lexer.refuse(name.marks, 'as the name of a variable');
  const words: Word[] = [];
  for (lexer.skipBlanks(); !['', '\n', ';'].includes(lexer.char); lexer.skipBlanks()) {
    const word = lexer.readWord();
    if (word.raw === '') lexer.lost('the words of `for` are not understood');
    words.push(word);
  }
  // Without words it goes through the positional parameters, with `select` through what is typed.
  lexer.variables.assign(name.literal, words, { names: words.length > 0 ? [] : ['@'] });
}

/** `[[ … ]]`: bash evaluates the operands of its numeric operators as arithmetic. */
export function readCondition(lexer: ShellLexer): void {
  const start = lexer.at;
  const tokens: Word[] = [];
  for (;;) {
    lexer.skipBlanks();
    const operator = /^(?:&&|\|\||[()<>\n])/.exec(lexer.text.slice(lexer.at, lexer.at + 2))?.[0];
    if (operator === '\n' && lexer.hereDocs.length > 0) lexer.lost('a line break in `[[ ]]` after `<<`');
    if (operator !== undefined) {
      lexer.at += operator.length;
      if (operator !== '\n')
        tokens.push({ start: lexer.at, raw: operator, literal: operator, marks: [], expanded: [] });
      continue;
    }
    const token = lexer.readWord(tokens.at(-1)?.raw === '=~' ? 'regex' : 'command');
    if (token.raw === '') lexer.lost('`[[` is not understood', start);
    if (token.raw === ']]') break;
    tokens.push(token);
  }
  if (lexer.dialect.posix) lexer.refuse(lexer.marksIn(start, lexer.at), 'in [[ ]], which sh does not know');
  tokens.forEach(({ literal }, index) => {
    const [left, right] = [tokens[index - 1], tokens[index + 1]];
    if (literal === '=~' && left) lexer.variables.assign('BASH_REMATCH', [left]);
    if (NAME_TESTS.has(literal) && right) {
      lexer.variables.use(right, 'arithmetic');
      lexer.refuse(right.marks, `beside \`${literal}\` in [[ ]], which reads it as a name`);
    }
    for (const operand of NUMERIC.has(literal) ? [left, right] : []) {
      if (!operand) continue;
      lexer.variables.evaluateWord(operand);
      lexer.refuse(operand.marks, `beside \`${literal}\` in [[ ]], which evaluates it as arithmetic`);
    }
  });
}
