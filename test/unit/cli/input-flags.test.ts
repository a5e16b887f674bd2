import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type InputSpecs, readInputs } from '../../../src/cli/input-flags.ts';
import { Refusal } from '../../../src/cli/refusal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-flags-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const specs: InputSpecs = {
  text: { type: 'string', required: false },
  count: { type: 'integer', required: false },
  tags: { type: 'array', required: false },
  more: { type: 'object', required: false },
};
const read = (pairs: readonly string[], file?: string) => readInputs({ pairs, file }, specs, folder);
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

test('values take the type of their input; an unknown input stays text for the tool to refuse', () => {
  const inputs = read(['text=5', 'count=5', 'more={"a":1}', 'tags=a,b', 'other=5', 'text2=a=b']);
  expect(inputs).toEqual({ text: '5', count: 5, more: { a: 1 }, tags: ['a', 'b'], other: '5', text2: 'a=b' });
});

test('an empty value is a value', () => expect(read(['text='])).toEqual({ text: '' }));

test('a repeated key makes a list, for lists only', () => {
  expect(read(['tags=a', 'tags=b,c'])).toEqual({ tags: ['a', 'b,c'] });
  expect(() => read(['count=1', 'count=2'])).toThrow('input `count` is given 2 times');
});

test('@file takes the text of a file', () => {
  write('note.txt', 'two\nlines\n');
  expect(read(['text=@note.txt'])).toEqual({ text: 'two\nlines\n' });
  expect(() => read(['text=@gone.txt'])).toThrow('file `gone.txt` cannot be read: it is not there');
});

test('flags win over the file of inputs', () => {
  write('in.json', '{"text": "file", "count": 1}');
  expect(read(['count=2'], 'in.json')).toEqual({ text: 'file', count: 2 });
});

test.each([
  ['not json', 'is not JSON'],
  ['[1]', 'does not hold a JSON object'],
])('a file of inputs with %s is refused', (text, message) => {
  write('in.json', text);
  expect(() => read([], 'in.json')).toThrow(message);
});

test.each(['novalue', '=x'])('`%s` names no input', (pair) => expect(() => read([pair])).toThrow(Refusal));

test('prototype keys are keys like others', () => {
  expect(Object.hasOwn(read(['constructor=x']), 'constructor')).toBe(true);
});
