/** Every `*.step.ts` file is in the catalogue once, under its own name. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stepType, stepTypes } from '../../../src/steps/catalogue.ts';

const folder = new URL('../../../src/steps/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.step.ts'));

/** A file has `-` where its type has `_`. */
const typeOf = (file: string) => file.replace('.step.ts', '').replaceAll('-', '_');

test('the catalogue holds exactly the step files', () => {
  const names = files.map(typeOf);
  expect(stepTypes.map(({ type }) => type).sort()).toEqual(names.sort());
});

test.each(files)('%s exports its type under its name', async (file) => {
  const name = file.replace('.step.ts', '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const module = (await import(new URL(file, folder).href)) as Record<string, unknown>;
  expect(module[`${name}Step`]).toBe(stepType(typeOf(file)));
});

test('an unknown type is undefined', () => {
  expect(stepType('telepathy')).toBeUndefined();
  expect(stepType('constructor')).toBeUndefined();
});
