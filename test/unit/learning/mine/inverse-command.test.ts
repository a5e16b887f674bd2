/** What takes a command back, in words; `test/unit/tools/create/undo.test.ts` does it. */
import { expect, test } from 'vitest';
import { inverseCommand } from '../../../../src/learning/mine/inverse-command.ts';

const MADE = 'default(exit_code, 0) == 0';

test.each([
  ['mkdir a', '[ ! -d a ] || rmdir a'],
  ['mkdir a "b c"', "{ [ ! -d a ] || rmdir a; } && { [ ! -d 'b c' ] || rmdir 'b c'; }"],
  ["git commit -m 'fix it'", `[ "$(git log -1 --format=%B)" != 'fix it' ] || git reset --soft HEAD~1`],
  ['git add -A', 'git reset -q'],
  ['git add a.ts b.ts', 'git reset -q -- a.ts b.ts'],
  ['git tag v1.0', '! git rev-parse -q --verify refs/tags/v1.0 >/dev/null 2>&1 || git tag -d v1.0'],
  ['sudo ln -s a b', '[ "$(readlink b)" != a ] || sudo rm b'],
  ['sudo useradd -m bob', '! id -u bob >/dev/null 2>&1 || sudo userdel -r bob'],
  ['sudo systemctl start nginx', 'sudo systemctl stop nginx'],
  ['docker network create web', 'docker network rm -f web'],
])('%s is taken back where it has not failed', (command, undo) =>
  expect(inverseCommand(command)).toEqual({ undo, when: MADE }),
);

test.each([
  ['docker run -d --name web nginx', 'docker rm -f web'],
  ['docker compose -f dev.yml up -d', 'docker compose -f dev.yml down'],
  ['kubectl apply -f app.yaml -n shop', 'kubectl delete -f app.yaml --ignore-not-found -n shop'],
  [
    'helm install web ./chart -n shop',
    '! helm status web -n shop >/dev/null 2>&1 || helm uninstall web -n shop',
  ],
  ['npm install -D @types/node@24 left-pad', 'npm uninstall @types/node left-pad'],
  ['pip install requests==2.0', 'pip uninstall -y requests'],
  ['sudo apt-get install -y jq', 'sudo apt-get remove -y jq'],
  ['systemctl enable --now nginx', 'systemctl disable --now nginx'],
])('%s is taken back where its output says that it was not there before', (command, undo) => {
  const inverse = inverseCommand(command);
  expect(inverse).toMatchObject({ undo });
  expect(inverse).toHaveProperty('when', expect.stringMatching(/std(?:out|err)\.contains/));
});

test.each([
  'mkdir -p a/b',
  'mkdir a && cd a',
  'mkdir $HOME/a',
  'sudo -u bob mkdir a',
  'mkdir "$(whoami)"',
  'touch a',
  'ln -sf a b',
  'npm install',
  'npm install ./folder',
  'npm install a.tgz',
  'npm ci',
  'pip install .',
  'pip install -r requirements.txt',
  'git commit --amend -m x',
  'git commit -s -m x',
  'git tag -d v1',
  'git checkout main',
  'git branch',
  'git branch -D old',
  'git stash pop',
  'git stash list',
  'docker run nginx',
  'docker volume create data',
  'docker compose down',
  'kubectl apply -f x --dry-run',
  'ls',
  '',
])('nothing is known of `%s`', (command) => expect(inverseCommand(command)).toBeUndefined());

test('what cannot be taken back is said', () => {
  expect(inverseCommand('git push origin main')).toHaveProperty('irreversible');
  expect(inverseCommand('git push --dry-run')).toBeUndefined();
});
