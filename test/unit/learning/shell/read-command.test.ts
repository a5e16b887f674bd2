import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCommand, readSlots } from '../../../../src/learning/shell/read-command.ts';

test.each([
  ['git commit -m "first"', 'git commit'],
  ['git -C sub status', 'git status'],
  ['cd app && npm run build -- --fast', 'npm run build'],
  ['FOO=1 BAR=2 sudo -u me timeout -k 5 30s nice -n 5 go test ./...', 'go test'],
  ['env -u HOME A=b cargo build', 'cargo build'],
  ['timeout 10 python3.12 -m pytest -q', 'python -m pytest'],
  ['/usr/bin/python3 run.py', 'python <file>'],
  ['python3 - <<EOF\nprint(1)\nEOF', 'python <<'],
  ['cat <<EOF > a.txt\nx\nEOF', 'cat <<'],
  ['echo hi > a.txt', 'echo >'],
  ['echo hi 2>&1', 'echo'],
  ["sed -i 's/a/b/' f", 'sed -i'],
  ['docker compose up -d', 'docker compose up'],
  ['if test -f a; then make all; fi', 'test'],
  ['cd /tmp', 'cd'],
  ['A=1', '='],
  ['> empty', '>'],
  ['(cd x && ls)', 'ls'],
  ['', ''],
])('%j is a %j', (line, stub) => {
  expect(readCommand(line).stub).toBe(stub);
});

test.each([
  ['go test -v ./pkg/... -run TestA 2>&1 | head -50', 'go test -v <path> -run <word> >& | head -50'],
  ['curl -s https://a.example/x 10.0.0.1:80', 'curl -s <url> <address>'],
  ['git checkout 0a1b2c3d4e', 'git checkout <hash>'],
  ['npm i left@1.2.3 v1.4.0 17', 'npm i <word> <version> <number>'],
  ['grep -rn "two words" src a.ts', 'grep -rn <text> <word> <path>'],
  ['docker run --name=web image', 'docker run --name=<value> <word>'],
])('%j has the template %j', (line, template) => {
  expect(readCommand(line).template).toBe(template);
});

test('all parts of a line are told', () => {
  expect(readCommand('git add . && git commit -m x | tee log; ls').parts).toEqual([
    'git add',
    'git commit',
    'tee',
    'ls',
  ]);
});

test('slots bear the flag they follow or their place', () => {
  expect(readSlots('cd x && git commit -m "a b" --author=me file.txt other > log.txt')).toEqual({
    slots: [
      { slot: '-m', type: 'text', value: 'a b' },
      { slot: '--author', type: 'word', value: 'me' },
      { slot: 'argument 0', type: 'path', value: 'file.txt' },
      { slot: 'argument 1', type: 'word', value: 'other' },
    ],
    written: ['log.txt'],
  });
});

test('any text has a reading in bounds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (line) => {
      const { template, raw } = readCommand(line);
      expect(template.length).toBeLessThanOrEqual(300);
      expect(raw.length).toBeLessThanOrEqual(4096);
      expect(readSlots(line).slots.length).toBeLessThanOrEqual(16);
    }),
  );
});

test.each(['x ', '$(', 'a=b ', 'sudo ', 'if ', '&& ', '-f '])(
  'a megabyte of %j has a reading in bounds',
  (sign) => {
    const { template, parts } = readCommand(sign.repeat(2 ** 20 / sign.length));
    expect(template.length).toBeLessThanOrEqual(300);
    expect(parts.length).toBeLessThanOrEqual(64);
  },
);
