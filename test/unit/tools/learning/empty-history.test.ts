/** Before anything is learned, and where learning is off. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openLearning } from '../../../../src/store/learning/open-learning.ts';
import { type Belay, openBelay } from '../../../../src/tools/belay.ts';
import { tool } from '../../../../src/tools/catalogue.ts';
import { exportPack, importPack } from '../../../../src/tools/packs/pack-file.ts';
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
  const { completions, learned } = await structured('workflow_autocomplete', {
    recent_commands: [],
  });
  expect({ completions, learned }).toEqual({ completions: [], learned: { commands: 0 } });
});

test('after a command comes what is usual elsewhere, as a hint', async () => {
  scratch = scratchBelay();
  for (const [name, list] of [
    ['workflow_autocomplete', 'completions'],
    ['workflow_suggest', 'suggestions'],
  ] as const) {
    const answer = await structured(name, { recent_commands: ['go test ./...'] });
    const found = answer[list] as { command: string; confidence: number; reasons: string[] }[];
    expect(found[0]?.command).toBe('golangci-lint run');
    for (const { confidence, reasons } of found) {
      expect(confidence).toBeLessThanOrEqual(0.4);
      expect(reasons.join()).toContain('habits');
      expect(reasons.join()).not.toMatch(/you ran|\d+ of \d+/);
    }
  }
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

const NONSENSE =
  'x;foo;asdf;hello;the;42;a b c;emacs;banana;thing;quux;xyzzy plugh;lorem ipsum dolor;paint the fence;make coffee;please help';
const REAL: readonly (readonly [intent: string, command: RegExp])[] = [
  ['list listening ports', /netstat|lsof|ss/],
  ['extract a tar archive', /^tar/],
  ['show disk usage', /^(?:df|du)/],
  ['download a file from a url', /^(?:curl|wget)/],
  ['count lines in a file', /^wc/],
  ['kill a process by name', /kill/],
  ['resize an image', /^magick/],
  ['compress a folder', /^(?:7z|zip|tar)/],
  ['undo last commit', /^git reset/],
  ['convert video to gif', /^ffmpeg/],
  ['clone a repository', /^git clone/],
  ['run a docker container in background', /^docker/],
];

test('a weak word gets next to nothing, and a real goal gets its command', async () => {
  scratch = scratchBelay();
  for (const intent of NONSENSE.split(';')) {
    const { suggestions } = await structured('workflow_suggest', { intent });
    const all = suggestions as { confidence: number; command?: string; workflow?: string }[];
    const sure = all.filter(({ confidence }) => confidence > 0.1);
    expect({ intent, sure }).toEqual({ intent, sure: [] });
  }
  for (const [intent, command] of REAL) {
    const { suggestions } = await structured('workflow_suggest', { intent });
    const all = suggestions as { kind: string; command?: string }[];
    expect(all.find(({ kind }) => kind === 'command')?.command).toMatch(command);
  }
});

test('a command line is completed from what everybody shares, also the name of a workflow', async () => {
  scratch = scratchBelay();
  const all = async (prefix: string) => {
    const { completions } = await structured('workflow_autocomplete', { recent_commands: [], prefix });
    return completions as { command: string; confidence: number; reasons: string[] }[];
  };
  const [checkout] = await all('git che');
  expect(checkout).toMatchObject({
    command: 'git checkout <branch_name>',
    reasons: ['Switch to an existing local branch: an example of tldr-pages (CC-BY-4.0)'],
  });
  expect(checkout?.confidence).toBeLessThan(0.3);
  expect(await all('belay run rel')).toMatchObject([{ command: 'belay run release-notes -i tag=<tag>' }]);
  expect(await all('g')).toEqual([]);
  const removal = (await all('rm -rf')).find(({ command }) => command === 'rm -rf <path>');
  expect(removal?.reasons).toEqual(['common among agents: from the habits that come with Belay']);
  // what takes away is not brought up before it is typed
  expect((await all('docker r')).map(({ command }) => command)).toEqual(
    expect.not.arrayContaining([expect.stringMatching(/^docker rm /)]),
  );
  expect((await all('docker rm'))[0]?.command).toMatch(/^docker rm /);
});

test('the next command of packs is proposed before anything is typed', async () => {
  scratch = scratchBelay();
  const other = openLearning(join(scratch.folder, 'other'), () => 0);
  const steps = Array.from({ length: 6 }, () => [
    { command: 'terraform plan' },
    { command: 'terraform show' },
  ]);
  other.add([{ key: 'k', source: 'import:a', at: 1, project: '', steps: steps.flat() }]);
  const path = join(scratch.folder, 'pack.json');
  expect(exportPack(other, join(scratch.folder, 'other'), path).ok).toBe(true);
  other.close();
  expect(importPack(scratch.belay.home, path, 1).ok).toBe(true);
  const { completions } = await structured('workflow_autocomplete', { recent_commands: ['terraform plan'] });
  expect((completions as { command: string }[]).map(({ command }) => command)).toContain('terraform show');
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
  expect(await learning.forget({ pattern: 'odd-thing' })).toMatchObject({ steps: 1, sessions: 0 });
  await learning.catchUp(LONG_MS);
  expect(learning.store.after(0, 10).flatMap(({ steps }) => steps.map(({ command }) => command))).toEqual([
    'true other',
  ]);
});
