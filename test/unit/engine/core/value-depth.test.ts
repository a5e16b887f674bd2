import { expect, test } from 'vitest';
import { VALUE_DEPTH_MAX } from '../../../../src/engine/core/limits.ts';
import type { Json } from '../../../../src/engine/core/model.ts';
import { isTooDeep } from '../../../../src/engine/core/value-depth.ts';

const lists = (depth: number): Json => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
const maps = (depth: number): Json => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);

test.each<[string, Json | undefined, boolean]>([
  ['nothing', undefined, false],
  ['null', null, false],
  ['a text', 'x', false],
  ['a wide list', [...Array(100_000).keys()], false],
  ['lists to the bound', lists(VALUE_DEPTH_MAX), false],
  ['lists beyond it', lists(VALUE_DEPTH_MAX + 1), true],
  ['maps to the bound', maps(VALUE_DEPTH_MAX), false],
  ['maps beyond it', { b: 1, a: maps(VALUE_DEPTH_MAX) }, true],
  ['what no walk comes through', lists(1_000_000), true],
])('%s', (_, value, expected) => expect(isTooDeep(value)).toBe(expected));
