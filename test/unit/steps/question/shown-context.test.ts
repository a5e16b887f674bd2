/** What a question shows: texts as they are written, files of the run's directory, cut with a digest of the whole. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Json } from '../../../../src/engine/core/model.ts';
import { shownContext } from '../../../../src/steps/question/shown-context.ts';
import { fakeContext } from '../fake-context.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-show-'));
  mkdirSync(join(folder, 'work'));
  writeFileSync(join(folder, 'outside.txt'), 'secret');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, 'work', name), text);

function shown(show: unknown, values: { readonly [source: string]: Json } = {}) {
  const context = fakeContext({ type: 'approval', config: {}, cwd: join(folder, 'work'), values });
  return shownContext(context, show as never);
}
const text = (show: unknown, values: { readonly [source: string]: Json } = {}): string => {
  const result = shown(show, values);
  if (!result.ok) throw new Error(result.error.message);
  return result.value.context ?? '';
};

test('texts, values and files stand one below the other, under their titles', () => {
  write('plan.txt', 'do it');
  const show = ['for {{ who }}', { title: 'facts', text: '{{ facts }}' }, { file: 'plan.txt' }];
  expect(text(show, { who: 'you', facts: { a: 1 } })).toBe(
    'for you\n\n--- facts\n{\n  "a": 1\n}\n\n--- plan.txt\ndo it',
  );
  expect(shown(undefined)).toEqual({ ok: true, value: {} });
});

test('pieces share the room; one that is cut says how long it was, and its digest', () => {
  const long = 'é'.repeat(40_000);
  const result = text([long, 'short']);
  expect(Buffer.byteLength(result)).toBeLessThanOrEqual(32 * 1024);
  const sha256 = createHash('sha256').update(long).digest('hex');
  expect(result).toContain(`… the beginning of 80000 bytes, sha256 ${sha256}`);
  expect(result).not.toContain('\uFFFD');
  expect(result.endsWith('short')).toBe(true);
});

test('a value that looks like a file is shown, not opened', () => {
  write('plan.txt', 'do it');
  expect(text('{{ given }}', { given: { file: 'plan.txt' } })).not.toContain('do it');
});

test.each([
  ['../outside.txt', 'lies outside'],
  ['{{ path }}', 'lies outside'],
  ['link', 'lies outside'],
  ['missing.txt', 'there is no such file'],
  ['.', 'is no regular file'],
])('file %s is refused', (file, why) => {
  symlinkSync(join(folder, 'outside.txt'), join(folder, 'work', 'link'));
  expect(shown({ file }, { path: join(folder, 'outside.txt') })).toMatchObject({
    ok: false,
    error: { code: 'show_failed', message: expect.stringContaining(why) },
  });
});
