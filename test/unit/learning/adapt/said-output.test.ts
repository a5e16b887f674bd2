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

/** The words of git 2.39. */
const GERMAN = {
  clean: 'Auf Branch master\n\nnichts zu committen, Arbeitsverzeichnis unverändert\n',
  behind:
    "Auf Branch master\nIhr Branch ist 12 Commits hinter 'origin/release-7', und kann vorgespult werden.\n" +
    '  (benutzen Sie "git pull", um Ihren lokalen Branch zu aktualisieren)\n\nnichts zu committen\n',
  none: 'Schwerwiegend: Kein Git-Repository\n',
};
const FRENCH =
  "Votre branche et 'origin/master' ont divergé,\net ont 1 et 10 commits différents chacune respectivement.\n" +
  '  (utilisez "git pull" pour fusionner)\n\nModifications qui ne seront pas validées :\n\tmodifié :         behind.txt\n';
const IGNORED =
  'nothing new\n\nIgnored files:\n  (use "git add -f <file>..." to include in what will be committed)\n\tnode_modules/\n';

test.each<[string, string, number | undefined, string[]]>([
  ['git status', GERMAN.clean, 0, ['was clean']],
  ['git status', GERMAN.behind, 0, ['was clean', 'was behind']],
  ['git status', FRENCH, 0, ['was dirty', 'had diverged']],
  ['git status', GERMAN.none, undefined, []],
  ['git status', GERMAN.none, 128, []],
  ['git status --ignored', IGNORED, 0, ['was clean']],
  ['git status --ignored -s', '!! node_modules/\n', 0, ['was clean']],
  ['git status -sz', ' M ahead\0?? b\0', 0, ['was dirty']],
  ['git status --porcelain=v2 -b', '# branch.oid 1\n# branch.ab +0 -3\n', 0, ['was clean', 'was behind']],
  ['git status --porcelain=v2', '1 .M N... 100644 100644 100644 a b f\n', 0, ['was dirty']],
  ['git status --porcelain=v2', '? new\n', 0, ['was dirty']],
  ['git status -sb', '## look-ahead...origin/fix-behind\n', 0, ['was clean']],
  [
    'git status -sb',
    '## main...origin/main [ahead 1, behind 2]\n',
    0,
    ['was clean', 'was behind', 'was ahead'],
  ],
  ['git status', 'On branch look-ahead\nnothing to commit, working tree clean\n', 0, ['was clean']],
])('%s saying %j with exit code %s', (command, output, exitCode, said) =>
  expect(saidOutput('s', command, output, exitCode)).toEqual(said.map((each) => `\`git status\` ${each}`)),
);

test('a secret on a line of its own is not repeated', () => {
  const token = `ghp_${'a1B2c3D4e5F6g7H8i9'.repeat(2)}`;
  expect(JSON.stringify(saidOutput('s', './token', `${token}\n`))).not.toContain(token);
});

test('a long output is no trouble', () =>
  expect(saidOutput('s', './check', 'a b '.repeat(1_000_000))).toEqual(['`s` printed something']));
