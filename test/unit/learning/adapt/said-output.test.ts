import { expect, test } from 'vitest';
import { saidOutput } from '../../../../src/learning/adapt/said-output.ts';

test.each<[string, string, string[]]>([
  ['git status --porcelain', '', ['`git status` was clean']],
  ['git status --porcelain', ' M src/a.ts\n?? b\n', ['`git status` was dirty']],
  [
    'git -C app status -sb',
    '## main...origin/main [behind 2]\n',
    ['`git status` was clean', '`git status` was behind'],
  ],
  ['git status', 'On branch main\nnothing to commit, working tree clean\n', ['`git status` was clean']],
  [
    'git status',
    'On branch main\nYour branch is ahead of it by 1 commit.\n\nChanges not staged for commit:\n',
    ['`git status` was dirty', '`git status` was ahead'],
  ],
  ['git status', 'fatal: not a git repository\n', []],
  ['git status --porcelain > state.txt', '', ['`s` printed nothing']],
  ['git status --porcelain 2>/dev/null', '', ['`git status` was clean']],
  // what a pipe makes of it is not what git said
  ['git status | wc -l', '0\n', ['`s` printed "0"', '`s` printed something']],
  ['git branch --show-current', 'main\n', ['`s` printed "main"', '`s` printed something']],
  ['./check', '', ['`s` printed nothing']],
  ['./check', 'one\ntwo\n', ['`s` printed something']],
  [
    './check',
    '1 Error\n2 warnings\n',
    ['`s` printed something', '`s` spoke of an error', '`s` spoke of a warning'],
  ],
])('%s saying %j', (command, output, said) => expect(saidOutput('s', command, output)).toEqual(said));

test('a secret on a line of its own is not repeated', () => {
  const token = `ghp_${'a1B2c3D4e5F6g7H8i9'.repeat(2)}`;
  expect(JSON.stringify(saidOutput('s', './token', `${token}\n`))).not.toContain(token);
});

test('a long output is no trouble', () =>
  expect(saidOutput('s', './check', 'a b '.repeat(1_000_000))).toEqual(['`s` printed something']));
