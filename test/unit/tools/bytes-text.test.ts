import { expect, test } from 'vitest';
import { bytesText } from '../../../src/tools/bytes-text.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 KB'],
  [1_500_000_000, '1.5 GB'],
  [5e15, '5000.0 TB'],
])('%d bytes read %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));
