import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../src/engine/core/events.ts';
import { summary } from './summary.ts';

interface Recorded {
  readonly expected: object;
  readonly events: readonly JournalEvent[];
}

const versions = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
);

describe.each(versions.map(({ name }) => name))('journals of release %s', (version) => {
  const folder = join(import.meta.dirname, version);
  test.each(readdirSync(folder))('%s still means what it meant', (file) => {
    const { expected, events } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recorded;
    expect(summary(events)).toEqual(expected);
  });
});

test('there is a recorded release', () => expect(versions.length).toBeGreaterThan(0));
