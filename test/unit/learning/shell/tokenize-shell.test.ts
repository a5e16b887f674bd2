import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenizeShell } from '../../../../src/learning/shell/tokenize-shell.ts';

const texts = (line: string): readonly string[] => tokenizeShell(line).map(({ text }) => text);

test.each([
  ['ls -la', ['ls', '-la']],
  [`echo 'a b' "c \\" d" e\\ f`, ['echo', 'a b', 'c " d', 'e f']],
  ['a&&b||c;d|e&f', ['a', '&&', 'b', '||', 'c', ';', 'd', '|', 'e', '&', 'f']],
  ['make 2>&1 >out.txt', ['make', '>&', '1', '>', 'out.txt']],
  ['a |& b', ['a', '|', 'b']],
  ['echo $(date "+%F $(id -u)") done', ['echo', '$(date "+%F $(id -u)")', 'done']],
  ['echo ${A:-"b c"} `id -u`', ['echo', '${A:-"b c"}', '`id -u`']],
  ['ls # not this\npwd', ['ls', ';', 'pwd']],
  ['one \\\n two', ['one', 'two']],
  ['a#b', ['a#b']],
  ['', []],
])('%j is cut as a shell would', (line, expected) => {
  expect(texts(line)).toEqual(expected);
});

test('a here-document is no part of the command', () => {
  expect(texts("cat <<'EOF' > a.py && python a.py\nimport os; x && y\nEOF\nls")).toEqual([
    'cat',
    '<<',
    'EOF',
    '>',
    'a.py',
    '&&',
    'python',
    'a.py',
    ';',
    'ls',
  ]);
});

test('two here-documents of one line end each at its own mark', () => {
  expect(texts('cat <<A <<-B\none\nA\ntwo\n\tB\npwd')).toEqual(['cat', '<<', 'A', '<<', 'B', ';', 'pwd']);
});

test.each(['echo "open', "echo 'open", 'echo $(open', 'echo `open', 'cat <<EOF\nno end', 'echo \\'])(
  '%j, left open, still gives its words',
  (line) => {
    expect(texts(line)[0]).toMatch(/^(?:echo|cat)$/);
  },
);

test('any text is cut, and the same text the same way', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (line) => {
      expect(tokenizeShell(line)).toEqual(tokenizeShell(line));
    }),
  );
});

test('any mixture of a shell’s signs is cut', () => {
  const signs = [
    '$(',
    ')',
    '`',
    '"',
    "'",
    '\\',
    '<<',
    'E',
    '\n',
    '&&',
    '|',
    ';',
    '${',
    '}',
    ' ',
    '#',
    '2>',
    'x',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...signs), { maxLength: 60 }), (parts) => {
      for (const token of tokenizeShell(parts.join(''))) expect(typeof token.text).toBe('string');
    }),
  );
});

test.each(['$(', '"', '`', '(', '<<E\n', 'a ', '\\', "'", '${', '&&'])(
  'a megabyte of %j is read in bounds',
  (sign) => {
    const tokens = tokenizeShell(sign.repeat(2 ** 20 / sign.length));
    expect(tokens.length).toBeLessThanOrEqual(2 ** 16);
  },
);
