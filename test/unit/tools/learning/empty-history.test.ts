/** Before anything is learned, and where learning is off. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Belay, openBelay } from '../../../../src/tools/belay.ts';
import { tool } from '../../../../src/tools/catalogue.ts';
import { type Scratch, scratchBelay } from '../../../fixtures/scratch-belay.ts';

/** More than any of these takes. */
const LONG_MS = 60_000;
let scratch: Scratch | undefined;
const others: Belay[] = [];

afterEach(() => {
  for (const belay of others.splice(0)) belay.close();
  delete process.env.BELAY_LEARNING;
  scratch?.close();
});

function opened(home: string): Belay {
  const { folder } = scratch as Scratch;
  const belay = openBelay({ home, cwd: folder, drive: true });
  if (!belay.ok) throw new Error(belay.error.message);
  others.push(belay.value);
  return belay.value;
}

async function structured(name: string, args: object): Promise<Record<string, unknown>> {
  const given = await (scratch as Scratch).call(name, args);
  if (given.kind !== 'done') throw new Error(JSON.stringify(given));
  return given.structured;
}

test('shipped workflows are found by what they do, and take what the words name', async () => {
  scratch = scratchBelay();
  const cases = [
    ['make release notes for v1.4.0 in ./shop', 'release-notes', { tag: 'v1.4.0', repository: './shop' }],
    ['update the dependency zod', 'dependency-update', { package: 'zod' }],
    [
      `does the fix work? tests are "npm test", before main, after fix/sum`,
      'fix-validation',
      { before: 'main' },
    ],
  ] as const;
  for (const [intent, workflow, inputs] of cases) {
    const { suggestions } = await structured('workflow_suggest', { intent });
    expect(suggestions).toMatchObject([{ kind: 'workflow', workflow, inputs }]);
  }
  const context = { files: ['./shop'], branch: 'main' };
  const placed = await structured('workflow_suggest', { intent: 'is the fix validated?', context });
  expect(placed.suggestions).toMatchObject([
    { workflow: 'fix-validation', inputs: { repository: './shop' } },
  ]);
  const { suggestions } = await structured('workflow_suggest', { intent: 'paint the fence' });
  expect(suggestions).toEqual([]);
  const { completions, learned } = await structured('workflow_autocomplete', { recent_commands: ['ls'] });
  expect({ completions, learned }).toEqual({ completions: [], learned: { commands: 0 } });
});

test('commands for a goal come from the bundled examples, named as such and never sure', async () => {
  scratch = scratchBelay();
  const { suggestions } = await structured('workflow_suggest', { intent: 'extract a tar archive' });
  const commands = (
    suggestions as { kind: string; command?: string; confidence: number; reasons: string[] }[]
  ).filter(({ kind }) => kind === 'command');
  expect(commands[0]?.command).toMatch(/tar/);
  for (const { confidence, reasons } of commands) {
    expect(confidence).toBeLessThan(0.5);
    expect(reasons.join()).toContain('tldr-pages (CC-BY-4.0)');
  }
});

test('where learning is off nothing is learned, also not later', async () => {
  process.env.BELAY_LEARNING = 'off';
  scratch = scratchBelay();
  await structured('workflow_execute', { commands: ['true secret-thing'], wait_seconds: 60 });
  expect((await structured('workflow_suggest', {})).learned).toEqual({ commands: 0 });
  delete process.env.BELAY_LEARNING;
  const { home } = scratch.belay;
  const later = opened(home);
  await later.learning.catchUp(LONG_MS);
  expect(later.learning.store.head().steps).toBe(0);
});

test('the settings of the data folder turn it off for all who open it', async () => {
  scratch = scratchBelay();
  const { home } = scratch.belay;
  scratch.belay.close();
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ learning: false }), { mode: 0o600 });
  const belay = opened(home);
  const execute = tool('workflow_execute');
  const input = execute?.input.parse({ commands: ['true other-thing'], wait_seconds: 60 });
  expect(await execute?.run({ ...scratch.context, belay }, input as never)).toMatchObject({ kind: 'done' });
  await belay.learning.catchUp(LONG_MS);
  const [runId = ''] = belay.journal.runIds('', 1);
  expect(belay.learning.store.seenSeq(runId)).toBeGreaterThan(0);
  expect(belay.learning.store.head().steps).toBe(0);
});

test('what is forgotten right after its run has ended is not learned later', async () => {
  scratch = scratchBelay();
  await structured('workflow_execute', { commands: ['true odd-thing', 'true other'], wait_seconds: 60 });
  const { learning } = scratch.belay;
  expect(await learning.forget({ pattern: 'odd-thing' })).toEqual({ steps: 1, sessions: 0 });
  await learning.catchUp(LONG_MS);
  expect(learning.store.after(0, 10).flatMap(({ steps }) => steps.map(({ command }) => command))).toEqual([
    'true other',
  ]);
});
