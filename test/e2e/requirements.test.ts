import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { requirements } from './requirements.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe.each(Object.entries(requirements))('%s', (_id, { provenBy }) => {
  test('has a proof', () => expect(provenBy.length).toBeGreaterThan(0));

  test.each(provenBy)('%s', (proof) => {
    const [file = '', title = ''] = proof.split(' > ');
    const path = join(ROOT, file);
    expect(existsSync(path), `${file} is not there`).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(title);
  });
});
