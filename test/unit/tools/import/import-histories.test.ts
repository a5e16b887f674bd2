import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LearningStore, openLearning } from '../../../../src/store/learning/open-learning.ts';
import { everySession } from '../../../../src/tools/import/every-session.ts';
import { forgettable, forgetWish } from '../../../../src/tools/import/forget-learned.ts';
import { importHistories } from '../../../../src/tools/import/import-histories.ts';
import { learnedSummary } from '../../../../src/tools/import/learned-summary.ts';

let folder: string;
let store: LearningStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-import-'));
  store = openLearning(join(folder, 'home'), () => 0);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function file(path: string, content: string | Uint8Array): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

const take = (...paths: string[]) =>
  importHistories(store, { paths, cwd: folder, onFile: () => {}, signal: new AbortController().signal });
const commands = (): string[] =>
  [...everySession(store)].flatMap(({ steps }) => steps.map(({ command }) => command));
const SECRET = `gh${'p_'}kT9xQ2mZ7vB4nR8wL1pD6sF3hJ5gY0cA`;

test('a folder: each history by its kind, and what is none is told', async () => {
  file('h/.bash_history', `git pull\nexport GITHUB_TOKEN=${SECRET}\n`);
  file('h/.zsh_history', ': 1700000000:1;npm test\n');
  file('h/.local/share/fish/fish_history', '- cmd: make\n  when: 1700000000\n');
  file('h/logs/a.jsonl', '{"commands":["cargo build"],"rc":[1]}\n{"nothing":1}\n');
  file('h/app/package.json', '{"scripts":{"lint":"eslint ."}}');
  file('h/app/node_modules/x/package.json', '{"scripts":{"other":"x"}}');
  file('h/app/.github/workflows/ci.yml', 'on: push\njobs:\n  a:\n    steps:\n      - run: go vet ./...\n');
  file('h/old_history', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]));
  file('h/notes.jsonl', 'just words');
  const report = await take('h', 'gone');
  expect(report.files.map(({ kind, commands: count }) => `${kind} ${count}`).sort()).toEqual([
    'bash 2',
    'fish 1',
    'github 1',
    'lines 1',
    'package 1',
    'zsh 1',
  ]);
  expect(report.files.find(({ kind }) => kind === 'lines')?.skipped).toEqual({ broken: 1 });
  expect(report.skipped.map(({ path, why }) => [path.slice(folder.length + 1), why]).sort()).toEqual([
    ['gone', 'missing'],
    ['h/notes.jsonl', 'unknown'],
    ['h/old_history', 'binary'],
  ]);
  expect(commands()).toContain('npm run lint');
  expect(commands()).toContain('export GITHUB_TOKEN=***');
  expect(readFileSync(join(folder, 'home', 'learning.db')).includes(SECRET)).toBe(false);
});

test('once more changes nothing, and what was added since is learned', async () => {
  const lines = Array.from({ length: 300 }, (_, i) => `make step-${i}`);
  const path = file('.bash_history', lines.join('\n'));
  await take(path);
  const before = commands();
  const again = await take(path);
  expect(again).toMatchObject({ commands: 0, sessions: 0, files: [{ kind: 'bash' }] });
  file('copy/.bash_history', lines.join('\n'));
  expect(await take('copy')).toMatchObject({ commands: 0 });
  expect(commands()).toEqual(before);
  writeFileSync(path, `${lines.join('\n')}\nmake more\n`);
  expect((await take(path)).commands).toBeGreaterThan(0);
  expect(commands()).toContain('make more');
});

test('a mark at the beginning of a file, and returns at the ends of its lines, are no part of a command', async () => {
  file('.bash_history', '\uFEFF#1700000000\r\nnpm ci\r\n#1700000001\r\nnpm test\r\n');
  await take('.bash_history');
  expect(commands()).toEqual(['npm ci', 'npm test']);
});

test('nothing outside of a folder is read, and nothing that is no file', async () => {
  file('secret/.bash_history', 'cat diary\n');
  mkdirSync(join(folder, 'h'));
  symlinkSync(join(folder, 'secret'), join(folder, 'h', 'history'));
  symlinkSync(join(folder, 'secret', '.bash_history'), join(folder, 'h', '.bash_history'));
  execFileSync('mkfifo', [join(folder, 'h', 'pipe_history')]);
  expect(await take('h')).toMatchObject({ files: [], skipped: [] });
  expect((await take(join('h', 'pipe_history'))).skipped).toMatchObject([{ why: 'not_a_file' }]);
});

describe('an Atuin database', () => {
  function atuin(path: string, fill: (db: DatabaseSync) => void): string {
    const whole = file(path, '');
    const db = new DatabaseSync(whole);
    fill(db);
    db.close();
    return whole;
  }
  const TABLE = `CREATE TABLE history (id TEXT PRIMARY KEY, timestamp INTEGER NOT NULL, duration INTEGER NOT NULL,
    exit INTEGER NOT NULL, command TEXT NOT NULL, cwd TEXT NOT NULL, session TEXT NOT NULL, hostname TEXT NOT NULL,
    deleted_at INTEGER)`;
  const row = (id: string, command: string, more = 'NULL'): string =>
    `INSERT INTO history VALUES ('${id}', 1700000000000000000, 2000000, 1, '${command}', '/srv', 's', 'h', ${more})`;

  test('is read, without what was deleted, and nothing is made beside it', async () => {
    const path = atuin('atuin/history.db', (db) => {
      db.exec(TABLE);
      db.exec(row('a', 'git pull'));
      db.exec(row('b', 'shred diary', '1'));
      db.exec(row('c', 'x'.repeat(300_000)));
    });
    const report = await take('atuin');
    expect(report.files).toMatchObject([
      { kind: 'atuin', commands: 1, skipped: { deleted: 1, too_long: 1 } },
    ]);
    expect([...everySession(store)][0]?.steps[0]).toMatchObject({
      command: 'git pull',
      exitCode: 1,
      durationMs: 2,
    });
    expect(() => readFileSync(`${path}-wal`)).toThrow();
  });

  test('of another program, or a broken one, is told so', async () => {
    atuin('a/history.db', (db) => db.exec('CREATE TABLE other (x)'));
    atuin('b/history.db', (db) =>
      db.exec(`CREATE VIEW history AS SELECT 1 AS timestamp, 1 AS duration, 1 AS exit,
      'x' AS command, 'x' AS cwd, 'x' AS session`),
    );
    file('c/history.db', `SQLite format 3\0${'x'.repeat(5_000)}`);
    const report = await take('a', 'b', 'c');
    expect(report).toMatchObject({
      files: [],
      skipped: [{ why: 'unknown' }, { why: 'unknown' }, { why: 'unknown' }],
    });
  });
});

test('broken files leave nothing half learned', async () => {
  file('h/package.json', '{"scripts": {');
  file('h/.github/workflows/a.yml', 'on: [push\njobs: {');
  file('h/.github/workflows/b.yml', `a: &a [x]\nb: [${'*a, '.repeat(10)}*a]\non: x\njobs: {}\n`);
  file('h/empty_history', '');
  const report = await take('h');
  expect(report.files).toEqual([]);
  expect(report.skipped.map(({ why }) => why).sort()).toEqual(['broken', 'broken', 'broken', 'empty']);
  expect(commands()).toEqual([]);
});

test('a file is added as a whole or not at all', async () => {
  file('h/a.jsonl', '{"commands":["first"]}\n');
  file('h/b.jsonl', '{"commands":["second"]}\n{"commands":["third"]}\n');
  let files = 0;
  const failing: LearningStore = {
    ...store,
    add(sessions) {
      files += 1;
      if (files < 2) return store.add(sessions);
      return store.add(
        sessions.map((session, i) => (i === 0 ? session : { ...session, steps: null as never })),
      );
    },
  };
  const signal = new AbortController().signal;
  await expect(
    importHistories(failing, { paths: ['h'], cwd: folder, onFile: () => {}, signal }),
  ).rejects.toThrow();
  expect(commands()).toEqual(['first']);
});

test('what is known is counted, and can be forgotten by a text, a run or an import', async () => {
  file('h/.bash_history', 'git pull\nGIT push\nmake all\n');
  file('h/a.jsonl', '{"commands":["npm test"],"cwd":"/srv/app"}\n');
  await take('h');
  const summary = learnedSummary(store, join(folder, 'home'));
  expect(summary).toMatchObject({ commands: 4, sessions: 2, newestAt: undefined });
  expect(summary.bytes).toBeGreaterThan(0);
  expect(summary.projects.map(({ project }) => project).sort()).toEqual(['', '/srv/app']);
  const [bash] = summary.sources;
  expect(bash).toMatchObject({ commands: 3, source: expect.stringMatching(/^import:bash:/) });
  for (const [text, runId] of [
    ['git*u', undefined],
    ['[.', undefined],
    [bash?.source ?? '', undefined],
    ['r-1', 'r-1'],
    ['ALL', undefined],
  ] as const) {
    const wish = forgetWish(text, runId);
    const told = forgettable(store, wish);
    expect(store.forget(wish)).toEqual(told);
  }
  expect(commands()).toEqual([]);
});

test('words told of commands that stay are counted as they are forgotten', () => {
  const steps = [
    { command: 'ls', intent: 'look at odd-thing' },
    { command: 'rm odd-thing', intent: 'away with odd-thing' },
  ];
  const words = { goal: 'mend Odd-Thing', project: '/srv/odd-thing', inputs: { name: 'odd-thing' } };
  const session = { source: 'run:r-1', at: 0, workflow: 'mend', ending: 'succeeded' as const };
  store.add([{ key: 'run:r-1:1', ...session, ...words, steps }]);
  const told = forgettable(store, { pattern: 'odd-thing' });
  expect(told).toEqual({ steps: 1, sessions: 0, words: 4 });
  expect(store.forget({ pattern: 'odd-thing' })).toEqual(told);
});
