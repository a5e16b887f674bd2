import { expect, test } from 'vitest';
import { printable } from '../../../src/cli/style.ts';

test('text of others loses what could move the cursor or hide itself, and keeps its lines', () => {
  expect(printable('a\u001b[2Kb\u001b[31mc\r\u0008d\u007f\u009be\n\tf')).toBe('abcde\n\tf');
  expect(printable('\u001b]0;title\u0007x')).toBe(']0;titlex');
  // what a terminal would turn around, or not show at all
  expect(printable('pay \u202e001\u202c\u2066x\u2069\u200f')).toBe(
    'pay \\u{202e}001\\u{202c}\\u{2066}x\\u{2069}\\u{200f}',
  );
  expect(printable('a\u200bb\u00ad\u2060\ufeff\u{e0041}\u2028c')).toBe(
    'a\\u{200b}b\\u{ad}\\u{2060}\\u{feff}\\u{e0041}\\u{2028}c',
  );
  expect(printable('👩\u200d💻 ❤\ufe0f שלום')).toBe('👩\u200d💻 ❤\ufe0f שלום');
  expect(printable('Grüße, 世界 🌍')).toBe('Grüße, 世界 🌍');
});
