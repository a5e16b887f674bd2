import { readdirSync } from 'node:fs';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandsFor } from '../../../../src/cli/commands/catalogue.ts';

const FOLDER = new URL('../../../../src/cli/commands/', import.meta.url);

async function namesFor(...argv: string[]): Promise<string[]> {
  const program = new Command();
  for (const add of await commandsFor(argv)) add(program, async () => {});
  return program.commands.map((command) => command.name());
}

test('every command file is in the catalogue under the name of its command', async () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.command.ts'));
  const names = files.map((file) => file.replace('.command.ts', '').replace(/^complete$/, '__complete'));
  expect((await namesFor()).toSorted()).toEqual(names.toSorted());
});

test('only what the line may mean is loaded', async () => {
  expect(await namesFor('--home', 'list', 'mcp')).toEqual(['mcp', 'list']);
  expect((await namesFor('completion', 'bash')).length).toBe((await namesFor()).length);
});
