/** Undos that a saved workflow gets from its commands, done for real: what was made goes, what was there before stays. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Scratch, scratchBelay } from '../../../fixtures/scratch-belay.ts';

let scratch: Scratch;
let names = 0;

beforeAll(() => {
  scratch = scratchBelay();
  git('init', '-q', '-b', 'main');
  for (const [key, value] of Object.entries({
    'user.name': 'ann',
    'user.email': 'a@b',
    'commit.gpgsign': 'false',
  }))
    git('config', key, value);
  writeFileSync(join(scratch.folder, '.gitignore'), 'home\n.belay\n');
  writeFileSync(join(scratch.folder, 'kept.txt'), 'as it was\n');
  git('add', '.');
  git('commit', '-qm', 'First');
});

afterAll(() => scratch.close());

const git = (...args: string[]): string =>
  execFileSync('git', args, {
    cwd: scratch.folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
const there = (name: string): boolean => existsSync(join(scratch.folder, name));
const state = (): object => ({
  branch: git('branch', '--show-current'),
  branches: git('branch', '--format=%(refname:short)'),
  commits: git('log', '--format=%s'),
  tags: git('tag'),
  remotes: git('remote'),
  stashes: git('stash', 'list', '--format=%gs'),
  staged: git('diff', '--cached', '--name-only'),
});

async function answer(name: string, args: object): Promise<Record<string, unknown>> {
  const given = await scratch.call(name, args, true);
  if (given.kind !== 'done') throw new Error(JSON.stringify(given));
  return given.structured;
}

/** Saves the commands, runs the workflow, and takes the run back. */
async function doneAndTakenBack(commands: string[], between: () => void = () => {}): Promise<void> {
  names += 1;
  const { workflow } = await answer('workflow_create', { from_commands: commands, name: `undone-${names}` });
  const { run_id: run } = await answer('workflow_execute', { workflow, wait_seconds: 60 });
  between();
  const back = await answer('workflow_rollback', { run_id: run, strategy: 'graceful', wait_seconds: 60 });
  expect(back).toMatchObject({ status: 'rolled_back' });
}

test('a branch, what was staged and committed on it, a tag, a remote, a folder and a link', async () => {
  writeFileSync(join(scratch.folder, 'new.txt'), 'new\n');
  const before = state();
  const commands = [
    'git checkout -b topic-1',
    'git add new.txt',
    'git commit -m "Add what is new"',
    'git tag v1.0',
    'git branch other-1',
    'git remote add up ../nowhere',
    'mkdir made-1',
    'ln -s made-1 link-1',
  ];
  await doneAndTakenBack(commands, () => {
    expect(state()).toMatchObject({
      branch: 'topic-1',
      tags: 'v1.0',
      remotes: 'up',
      commits: 'Add what is new\nFirst',
    });
    expect(lstatSync(join(scratch.folder, 'link-1')).isSymbolicLink()).toBe(true);
  });
  expect(state()).toEqual(before);
  expect([there('new.txt'), there('made-1'), there('link-1')]).toEqual([true, false, false]);
});

test('what was there before stays, where the command that would make it fails', async () => {
  git('branch', 'topic-2');
  git('tag', 'v2.0');
  mkdirSync(join(scratch.folder, 'made-2'));
  const before = state();
  for (const command of ['git checkout -b topic-2', 'git tag v2.0', 'mkdir made-2', 'git commit -m First'])
    await doneAndTakenBack([command]);
  expect(state()).toEqual(before);
  expect(there('made-2')).toBe(true);
});

test('a stash comes back, and an older one stays where there was nothing to stash', async () => {
  writeFileSync(join(scratch.folder, 'kept.txt'), 'older\n');
  git('stash', 'push', '-q', '-m', 'older');
  const before = state();
  await doneAndTakenBack(['git stash']);
  expect(state()).toEqual(before);
  writeFileSync(join(scratch.folder, 'kept.txt'), 'changed\n');
  await doneAndTakenBack(['git stash push -m "for later"'], () =>
    expect(state()).toMatchObject({ stashes: 'On main: for later\nOn main: older' }),
  );
  expect(state()).toEqual(before);
  expect(readFileSync(join(scratch.folder, 'kept.txt'), 'utf8')).toBe('changed\n');
});
