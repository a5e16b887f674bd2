/** `belay create`: what is asked, and what people read of the answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { commandLine } from '../../../src/cli/command-line.ts';
import { answered, fakeTool } from './fake-tool.ts';
import { fakeWorld } from './fake-world.ts';

const cwd = mkdtempSync(join(tmpdir(), 'belay-create-'));
const TEXT = 'name: given\nsteps:\n  - command: "true"\n';
writeFileSync(join(cwd, 'given.yaml'), TEXT);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const given = {
  definition: z.string().optional(),
  from_run: z.string().optional(),
  from_commands: z.array(z.string()).optional(),
  from_pattern: z.string().optional(),
  name: z.string().optional(),
  scope: z.string().optional(),
  overwrite: z.boolean().optional(),
};
const saved = {
  workflow: 'given',
  path: '/p/.belay/workflows/given.yaml',
  status: 'created',
  definition: TEXT,
  notes: ['it asks for TOKEN in the place of what was a secret'],
};

async function run(...words: string[]) {
  const tool = fakeTool('workflow_create', given, answered(saved as never));
  const journal = { run: () => undefined, runIds: () => ['r-0mwq9bk6c-2b5d5fce'] };
  const world = fakeWorld({ tools: [tool], cwd, belay: { journal } as never });
  const code = await commandLine(['create', ...words], world);
  return { code, asked: tool.calls[0]?.input, ...world.terminal.written };
}

test.each([
  [['given.yaml', '--overwrite'], { definition: TEXT, overwrite: true }],
  [['--from-run', 'r-0mwq9bk6c', '--user'], { from_run: 'r-0mwq9bk6c-2b5d5fce', scope: 'user' }],
  [['--from-pattern', 'p-1', '--name', 'x'], { from_pattern: 'p-1', name: 'x' }],
  [['--from-commands', 'npm ci', 'npm test'], { from_commands: ['npm ci', 'npm test'] }],
])('%j asks for just that', async (words, asked) => {
  const told = await run(...words);
  expect(told.code).toBe(0);
  expect(told.asked).toEqual(asked);
  expect(told.out).toBe(`created ${saved.path}\nnote: ${saved.notes[0]}\n\n${TEXT}`);
});

test.each([[[]], [['given.yaml', '--from-run', 'r-1']], [['none.yaml']], [['given']]])(
  '%j is wrong usage',
  async (words) => {
    const told = await run(...words);
    expect([told.code, told.asked]).toEqual([2, undefined]);
    expect(told.err).toMatch(/expected a file, `--from-run`|no file at `/);
  },
);
