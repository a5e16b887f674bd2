import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Workflow } from '../../../../src/engine/core/model.ts';
import { masked, maskedPart, secretsIn } from '../../../../src/engine/host/mask.ts';

beforeEach(() => {
  process.env.BELAY_TEST_TOKEN = 's3cr3t-value';
  process.env.BELAY_TEST_SHORT = 'abc';
});
afterEach(() => {
  delete process.env.BELAY_TEST_TOKEN;
  delete process.env.BELAY_TEST_SHORT;
});

const asking = (...names: string[]): Workflow =>
  ({ prerequisites: names.map((env) => ({ kind: 'env', env })) }) as unknown as Workflow;

test('declared values are masked wherever they stand', () => {
  const event = { message: 'token s3cr3t-value is wrong', data: { list: ['s3cr3t-value'], n: 1 } };
  expect(masked(asking('BELAY_TEST_TOKEN'), event)).toEqual({
    message: 'token *** is wrong',
    data: { list: ['***'], n: 1 },
  });
});

test('what nobody declared, and what is too short to be a secret, stays', () => {
  const event = { message: 's3cr3t-value abc' };
  expect(masked(asking(), event)).toBe(event);
  expect(masked(asking('BELAY_TEST_SHORT'), event)).toEqual(event);
});

const TRICKY = 'pa"ss/w\\ö rd+1&?';

test.each([
  ['as JSON', JSON.stringify({ token: TRICKY })],
  ['as JSON in JSON', JSON.stringify(JSON.stringify({ token: TRICKY }))],
  ['as a part of an address', `https://host/${encodeURIComponent(TRICKY)}?x`],
  ['as an address', encodeURI(`https://host/${TRICKY}`)],
  ['in a path', new URL(`https://host/${TRICKY.replace('?', '%3F')}`).pathname],
  [
    'in small hexadecimal digits',
    encodeURIComponent(TRICKY).replaceAll(/%../g, (each) => each.toLowerCase()),
  ],
  ['in a form', new URLSearchParams({ token: TRICKY }).toString()],
  ['as a password', new URL(Object.assign(new URL('https://ann@host/'), { password: TRICKY })).href],
  ['in Base64', Buffer.from(TRICKY).toString('base64')],
  ['in Base64 without padding', Buffer.from(TRICKY).toString('base64').replace(/=+$/, '')],
  ['in Base64 for addresses', Buffer.from(TRICKY).toString('base64url')],
  ['in Base64 with the line’s end', Buffer.from(`${TRICKY}\n`).toString('base64')],
])('a value is masked %s', (_, text) => {
  process.env.BELAY_TEST_TOKEN = TRICKY;
  const shown = masked(asking('BELAY_TEST_TOKEN'), text);
  expect(shown).toContain('***');
  expect(shown).not.toMatch(/pa|rd|ss|cGEi|JkP/);
});

test('secrets that overlap are hidden whole', () => {
  process.env.BELAY_TEST_TOKEN = 'abab';
  process.env.BELAY_TEST_SHORT = 'babcd';
  const workflow = asking('BELAY_TEST_TOKEN', 'BELAY_TEST_SHORT');
  expect(masked(workflow, 'x ababab y')).toBe('x *** y');
  expect(masked(workflow, 'x ababcd y')).toBe('x *** y');
});

test('a value that changes is masked as it is now', () => {
  const workflow = asking('BELAY_TEST_TOKEN');
  expect(masked(workflow, 's3cr3t-value')).toBe('***');
  process.env.BELAY_TEST_TOKEN = 'other-value';
  expect(masked(workflow, 's3cr3t-value other-value')).toBe('s3cr3t-value ***');
});

test('a digest is left alone, unless it is the secret', () => {
  const digest = 'abcd'.repeat(16);
  process.env.BELAY_TEST_TOKEN = 'abcd';
  expect(masked(asking('BELAY_TEST_TOKEN'), digest)).toBe(digest);
  process.env.BELAY_TEST_TOKEN = digest;
  expect(masked(asking('BELAY_TEST_TOKEN'), digest)).toBe('***');
});

test.each(['../..', '/', '////', '????', '%E0%', '\n\n\n\n', '\ud800abc'])(
  'the odd value %j hangs nothing up',
  (value) => {
    process.env.BELAY_TEST_TOKEN = value;
    expect(masked(asking('BELAY_TEST_TOKEN'), 'a harmless text')).toBe('a harmless text');
  },
);

test('whoever is named holds the value', () => {
  process.env.BELAY_TEST_SHORT = 'another-value';
  const workflow = asking('BELAY_TEST_TOKEN', 'BELAY_TEST_SHORT');
  expect(secretsIn(workflow, JSON.stringify({ deep: ['an another-value'] }))).toEqual(['BELAY_TEST_SHORT']);
  expect(secretsIn(workflow, 'a harmless text')).toEqual([]);
});

test('pieces of a text, cut anywhere, show no part of a secret', () => {
  const workflow = asking('BELAY_TEST_TOKEN');
  const text = 'so s3cr3t-values3cr3t-value and s3cr3t-valu';
  for (let cut = 0; cut <= text.length; cut += 1) {
    const first = maskedPart(workflow, text.slice(0, cut), 0, false);
    const second = maskedPart(workflow, text.slice(first.next), 0, true);
    expect(first.shown + second.shown).toBe('so ****** and s3cr3t-valu');
  }
});

test('of a secret that begins before what is shown nothing is', () => {
  const workflow = asking('BELAY_TEST_TOKEN');
  expect(maskedPart(workflow, 'a s3cr3t-value b', 5, true).shown).toBe('*** b');
  expect(maskedPart(workflow, 'a s3cr3t-value b', 14, true).shown).toBe(' b');
  expect(maskedPart(asking(), 'a s3cr3t-value b', 5, false)).toEqual({ shown: 'r3t-value b', next: 16 });
});
