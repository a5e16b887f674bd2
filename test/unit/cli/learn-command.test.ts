import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { commandLine } from '../../../src/cli/command-line.ts';
import type { ForgetWish } from '../../../src/store/learning/forget-sessions.ts';
import { type LearningStore, openLearning } from '../../../src/store/learning/open-learning.ts';
import { Learner } from '../../../src/tools/learning/learner.ts';
import { PatternMiner } from '../../../src/tools/learning/pattern-miner.ts';
import { readKeptPacks } from '../../../src/tools/packs/kept-packs.ts';
import { coldCommands } from '../../../src/tools/prior/cold-commands.ts';
import { ownCatalogue } from '../../../src/tools/step-catalogue.ts';
import { fakeWorld } from './fake-world.ts';

let folder: string;
const open: LearningStore[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-learn-'));
});
afterAll(() => {
  for (const store of open) store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Somebody with a data folder of their own. */
function person(name: string) {
  const home = join(folder, name);
  const store = openLearning(home, () => 0);
  open.push(store);
  const learner = new Learner(store, () => ({ entries: [], catalogue: {} as never }));
  return {
    home,
    store,
    async learn(words: readonly string[], lines?: readonly string[]) {
      const journal = { run: (id: string) => (id === 'r-12345678' ? {} : undefined), runIds: () => [] };
      const forget = async (wish: ForgetWish) => store.forget(wish);
      const miner = async () => new PatternMiner(store, ownCatalogue());
      const learning = { store, forget, learner: async () => learner, miner };
      const belay = { home, journal, learning, library: { list: () => [] }, catalogue: {} } as never;
      const world = fakeWorld({ belay, cwd: folder, ...(lines && { lines }) });
      const exitCode = await commandLine(['learn', ...words], world);
      const { out, err } = world.terminal.written;
      return { exitCode, out, err, json: words.includes('--json') ? JSON.parse(out) : undefined };
    },
  };
}

/** For what is written in the background. */
const WAIT = { timeout: 30_000, interval: 20 };
let count = 0;
let anna: ReturnType<typeof person>;
beforeEach(() => {
  count += 1;
  anna = person(`home-${count}`);
});

const history = (name: string, ...commands: string[]): string => {
  writeFileSync(join(folder, name), `${JSON.stringify({ commands, cwd: '/srv' })}\n`);
  return name;
};
const work = [
  'git add a.ts',
  'git commit -m one',
  'git push',
  'git add b.ts',
  'git commit -m two',
  'git push',
];

test('what is taken in is learned whole, and the next process finds it so', async () => {
  const many = Array.from({ length: 20 }, () => work).flat();
  await anna.learn(['--from', history('many.jsonl', ...many)]);
  const db = new DatabaseSync(join(anna.home, 'learning.db'), { readOnly: true });
  const kept = () => db.prepare('SELECT position FROM snapshots').get();
  try {
    await vi.waitFor(() => expect(kept()).toEqual({ position: anna.store.head().position }), WAIT);
  } finally {
    db.close();
  }
});

test('shows nothing where nothing is, makes nothing, and then what is known', async () => {
  expect(await anna.learn([])).toMatchObject({ exitCode: 0, out: 'nothing is learned yet\n' });
  expect(existsSync(anna.home)).toBe(false);
  const taken = await anna.learn(['--from', history('a.jsonl', ...work), 'gone']);
  expect(taken).toMatchObject({ exitCode: 0 });
  expect(taken.out).toContain('learned 6 commands in 1 session from 1 file');
  expect(taken.out).toContain('gone: there is no such file or folder');
  expect((await anna.learn(['--from', 'gone'])).exitCode).toBe(1);
  const { json } = await anna.learn(['--json']);
  expect(json).toMatchObject({
    commands: 6,
    sessions: 1,
    packs: 0,
    projects: [{ project: '/srv', commands: 6 }],
  });
});

test.each([
  [['--from', 'a', '--forget', 'b']],
  [['--weight', '0.5']],
  [['--import', 'a', '--weight', '2']],
  [['--forget', ' ']],
])('%j is wrong usage', async (words) => {
  expect(await anna.learn(words)).toMatchObject({ exitCode: 2, out: '' });
});

describe('forgetting', () => {
  test('asks, says how much, and changes nothing without a yes', async () => {
    await anna.learn(['--from', history('a.jsonl', ...work)]);
    const nobody = await anna.learn(['--forget', 'git push']);
    expect(nobody).toMatchObject({ exitCode: 3 });
    expect(nobody.err).toContain('2 commands would be forgotten');
    const no = await anna.learn(['--forget', 'git push'], ['n']);
    expect(no.err).toContain('forget 2 commands? [y/N]');
    expect(anna.store.head().steps).toBe(6);
    expect((await anna.learn(['--forget', 'git push'], ['y'])).out).toBe('forgot 2 commands\n');
    expect((await anna.learn(['--forget', 'ALL', '--yes', '--json'])).json).toEqual({
      commands: 4,
      sessions: 1,
    });
  });

  test('a pattern is refused by its id, and what it is made of is named', async () => {
    const steps = [{ command: 'make' }, { command: 'make install' }];
    anna.store.add([{ key: 'k', source: 'run:r-12345678', at: 1, project: '', steps }]);
    const { position } = anna.store.head();
    const goal = await anna.learn(['--forget', `g-${position}`, '--yes']);
    expect(goal).toMatchObject({ exitCode: 2, out: '' });
    expect(goal.err).toContain(`\`g-${position}\` is made of \`run:r-12345678\``);
    expect(goal.err).toContain('hint: belay learn --forget run:r-12345678');
    const unknown = await anna.learn(['--forget', 'p-0123456789ab', '--yes']);
    expect(unknown).toMatchObject({ exitCode: 2, out: '' });
    expect(unknown.err).toContain('no pattern of that id is known');
    const inCommands = [{ command: 'docker rm p-0123456789ab' }];
    anna.store.add([{ key: 'l', source: 'import:a', at: 1, project: '', steps: inCommands }]);
    expect((await anna.learn(['--forget', 'p-0123456789ab', '--yes'])).out).toBe(
      'forgot 1 command (1 whole session)\n',
    );
  });

  test('a run is forgotten as a whole', async () => {
    const steps = [{ command: 'make' }];
    anna.store.add([{ key: 'k', source: 'run:r-12345678', at: 1, project: '', steps }]);
    expect((await anna.learn(['--forget', 'r-12345678', '-y'])).out).toBe(
      'forgot 1 command (1 whole session)\n',
    );
  });
});

describe('packs', () => {
  test('carry counts to another folder, whatever their order, and no values', async () => {
    const [bert, carl] = [person(`bert-${count}`), person(`carl-${count}`)];
    await anna.learn(['--from', history('a.jsonl', ...work)]);
    await bert.learn(['--from', history('b.jsonl', 'git add a', 'git status', 'git add b', 'git status')]);
    expect((await anna.learn(['--export', 'anna.json'])).exitCode).toBe(0);
    await bert.learn(['--export', 'bert.json']);
    const text = readFileSync(join(folder, 'anna.json'), 'utf8');
    expect(text).toContain('git commit -m <word>');
    expect(text).not.toMatch(/a\.ts|one|srv/);
    for (const files of [
      ['anna.json', 'bert.json'],
      ['bert.json', 'anna.json', 'anna.json'],
    ])
      expect((await carl.learn(['--import', ...files])).exitCode).toBe(0);
    expect((await carl.learn(['--json'])).json.packs).toBe(2);
    const cold = coldCommands(carl.store, { home: carl.home, before: 'git add z.ts', limit: 3 });
    expect(cold.map(({ command }) => command).sort()).toEqual(['git commit -m <word>', 'git status']);
    expect(cold[0]?.reasons[0]).toMatch(
      /^after `git add` others ran it 2 of 4 times \(1 source of imported packs\)$/,
    );
    // the own counts are in the log already
    await anna.learn(['--import', 'anna.json']);
    expect(readKeptPacks(anna.home)?.pack.size).toBe(0);
    expect((await carl.learn([])).out).toBe('nothing is learned yet but packs of 2 others\n');
    expect((await carl.learn(['--forget', 'ALL'])).err).toContain('all packs would be');
    expect((await carl.learn(['--forget', 'ALL', '--yes'])).out).toBe('forgot all packs\n');
    expect((await carl.learn(['--forget', 'ALL', '--yes'])).out).toBe('nothing of that was learned\n');
    expect(readKeptPacks(carl.home)).toBeUndefined();
  });

  test('one that was changed, is newer or is none is refused whole', async () => {
    await anna.learn(['--from', history('a.jsonl', ...work)]);
    await anna.learn(['--export', 'whole.json']);
    const text = readFileSync(join(folder, 'whole.json'), 'utf8');
    const carl = person(`carl-${count}`);
    const cases = [
      [text.replace('"git push": 2', '"git push": 9'), 'its checksum does not fit'],
      [text.replace('"version": 1', '"version": 7'), 'the pack has version 7, this program knows up to 1'],
      [text.slice(0, -40), 'is no pack: it is no JSON'],
      ['[]', 'cannot be used as a pack'],
    ] as const;
    for (const [content, message] of cases) {
      writeFileSync(join(folder, 'other.json'), content);
      const refused = await carl.learn(['--import', 'other.json']);
      expect(refused).toMatchObject({ exitCode: 2, out: '' });
      expect(refused.err).toContain(message);
    }
    expect(readKeptPacks(carl.home)?.pack.size ?? 0).toBe(0);
    expect((await carl.learn(['--import', 'nowhere.json'])).err).toContain('there is no file');
  });

  test('another file is not written over, an older pack is', async () => {
    writeFileSync(join(folder, 'notes.txt'), 'my notes');
    expect((await anna.learn(['--export', 'notes.txt'])).err).toContain('is there and is no pack');
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('my notes');
    await anna.learn(['--export', 'again.json']);
    await anna.learn(['--from', history('a.jsonl', ...work)]);
    expect((await anna.learn(['--export', 'again.json', '--json'])).json).toMatchObject({
      sources: 1,
      commands: 3,
    });
  });
});
