import { expect, test } from 'vitest';
import { printable } from '../../../src/cli/style.ts';

test('text of others loses what could move the cursor or hide itself, and keeps its lines', () => {
  expect(printable('a\u001b[2Kb\u001b[31mc\r\u0008d\u007f\u009be\n\tf')).toBe('abcde\n\tf');
  expect(printable('\u001b]0;title\u0007x')).toBe(']0;titlex');
  expect(printable('Grüße, 世界 🌍')).toBe('Grüße, 世界 🌍');
});
