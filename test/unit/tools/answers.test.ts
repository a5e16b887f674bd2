import { expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/definition/diagnostic.ts';
import { jsonBytes, STRUCTURED_BYTES_MAX, TEXT_BYTES_MAX } from '../../../src/tools/answer-budget.ts';
import { diagnosticsJson, done, failed, invalidDefinition } from '../../../src/tools/answers.ts';

const long = 'x'.repeat(500_000);

test('the text of an answer is short', () => {
  const answer = done({}, long);
  expect(answer.kind === 'done' && answer.text).toMatch(
    /x… 500000 bytes, the rest is in the structured answer$/,
  );
});

test('an error is short, whatever the caller has sent', () => {
  const answer = failed({ code: 'invalid_input', message: long, hint: long, data: { given: long } });
  if (answer.kind !== 'error') throw new Error('no error');
  const { message, hint = '' } = answer.error;
  expect(message.length + hint.length).toBeLessThan(TEXT_BYTES_MAX);
  expect(jsonBytes(answer.error.data)).toBeLessThan(STRUCTURED_BYTES_MAX + 100);
});

test('an error that is short is left as it is', () => {
  const error = { code: 'c', message: 'm', hint: 'h', data: { a: [1, { b: 2 }] } };
  expect(failed(error)).toEqual({ kind: 'error', error });
});

test('thousands of diagnostics stay a list, the last one counts what is left out', () => {
  const diagnostics = Array.from(
    { length: 5_000 },
    (_, line): Diagnostic => ({
      severity: 'error',
      code: 'unknown_key',
      message: 'unknown key',
      path: 'a',
      line,
    }),
  );
  const answer = invalidDefinition(diagnostics);
  if (answer.kind !== 'error') throw new Error('no error');
  expect(jsonBytes(answer.error)).toBeLessThan(STRUCTURED_BYTES_MAX);
  const shown = answer.error.data?.diagnostics as readonly { message: string }[];
  expect(shown).toEqual(diagnosticsJson(diagnostics));
  expect(shown.at(-1)?.message).toBe(`${5_000 - (shown.length - 1)} more are not shown`);
  expect(diagnosticsJson(diagnostics.slice(0, 3))).toEqual(diagnostics.slice(0, 3));
});
