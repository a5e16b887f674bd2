import { expect, test } from 'vitest';
import { bytesText } from '../../../../src/engine/core/bytes-text.ts';
import { CACHE_BYTES_MAX } from '../../../../src/engine/core/limits.ts';
import { sizeBytes } from '../../../../src/steps/size.ts';

test.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1 KB'],
  [1_536, '1.5 KB'],
  [1_048_575, '1 MB'],
  [1_500_000_000, '1.4 GB'],
  [CACHE_BYTES_MAX, '5 GB'],
  [5e15, '4547.5 TB'],
])('%d bytes read %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

test('a size reads as a definition may write it', () => {
  for (const text of ['277 B', '64 KB', '1.5 GB', '2 TB'])
    expect(bytesText(sizeBytes(text) as number)).toBe(text);
});
