import { describe, expect, test } from 'vitest';
import { commandsName, defineCommands } from '../../../../src/learning/mine/define-commands.ts';
import { definePattern, type MinedStep, patternId } from '../../../../src/learning/mine/define-pattern.ts';
import { inverseCommand } from '../../../../src/learning/mine/inverse-command.ts';
import { workIn } from '../../../../src/learning/mine/work-in-sequence.ts';

describe('what takes a command back', () => {
  test.each([
    ['mkdir a', '{ [ ! -d a ] || rmdir a; }'],
    ["git commit -m 'fix it'", `[ "$(git log -1 --format=%s)" != 'fix it' ] || git reset --soft HEAD~1`],
    ['git tag v1.0', '! git rev-parse -q --verify refs/tags/v1.0 || git tag -d v1.0'],
    ['docker run -d --name web nginx', 'docker rm -f web'],
    ['docker compose -f dev.yml up -d', 'docker compose -f dev.yml down'],
    ['kubectl apply -f app.yaml -n shop', 'kubectl delete -f app.yaml --ignore-not-found -n shop'],
    ['npm install -D @types/node@24 left-pad', 'npm uninstall @types/node left-pad'],
    ['pip install requests==2.0', 'pip uninstall -y requests'],
  ])('%s', (command, undo) => expect(inverseCommand(command)).toEqual({ undo }));

  test.each([
    'mkdir -p a/b',
    'mkdir a && cd a',
    'mkdir $HOME/a',
    'sudo mkdir a',
    'mkdir "$(whoami)"',
    'npm install',
    'npm ci',
    'git commit --amend -m x',
    'git tag -d v1',
    'docker run nginx',
    'kubectl apply -f x --dry-run',
    'ls',
    '',
  ])('nothing is known of `%s`', (command) => expect(inverseCommand(command)).toBeUndefined());

  test('what cannot be taken back is said', () => {
    expect(inverseCommand('git push origin main')).toHaveProperty('irreversible');
    expect(inverseCommand('git push --dry-run')).toBeUndefined();
  });
});

test('commands become steps with ids of their own, and what they share an input', () => {
  const commands = ['git checkout release-7', 'npm run build', 'npm run build', 'git push origin release-7'];
  const { inputs, steps } = defineCommands({ name: 'x', description: 'y', commands });
  expect(inputs).toEqual({ branch: { type: 'string', default: 'release-7' } });
  expect(steps).toEqual([
    { id: 'git-checkout', command: 'git checkout {{ inputs.branch }}' },
    { id: 'build', command: 'npm run build' },
    { id: 'build-2', command: 'npm run build' },
    expect.objectContaining({ id: 'git-push', command: 'git push origin {{ inputs.branch }}' }),
  ]);
  expect(commandsName(commands)).toBe('git-checkout-to-git-push');
});

test('braces are text, and a part of a word is no value', () => {
  const { steps } = defineCommands({
    name: 'x',
    description: 'y',
    commands: ['echo {{ a }} release', 'touch release.txt release', 'cat release.txt'],
  });
  expect((steps as { command: string }[]).map(({ command }) => command)).toEqual([
    "echo {{ '{{' }} a }} release",
    'touch {{ inputs.path }} {{ inputs.value }}',
    'cat {{ inputs.path }}',
  ]);
});

const session = (...commands: string[]): MinedStep[] =>
  commands.map((command) => ({
    stub: command.split(' ').slice(0, 2).join(' '),
    command,
    exitCode: command.includes('bad') ? 1 : 0,
  }));

test('of a pattern what varied is an input, and what varied together one input', () => {
  const steps = ['tool build', 'tool ship'];
  const sessions = ['1.4.0', '1.5.0', 'bad-2', '1.6.0'].map((version) =>
    session(`tool build --tag v${version}`, 'ls -l', `tool ship v${version} --to prod`),
  );
  const found = definePattern(steps, sessions);
  expect(found).toMatchObject({ id: patternId(steps), times: 4, succeeded: 3 });
  expect(found?.definition).toMatchObject({
    inputs: { tag: { type: 'string', default: 'v1.6.0', description: 'earlier: v1.5.0, v1.4.0' } },
    steps: [
      { command: 'tool build --tag {{ inputs.tag }}' },
      { command: 'tool ship {{ inputs.tag }} --to prod' },
    ],
  });
});

test.each<[string, string[], string[] | undefined]>([
  ['looking around is left out', ['ls', 'go build', 'cat', 'go test'], ['go build', 'go test']],
  ['only looking is no workflow', ['ls', 'cat', 'ls'], undefined],
  ['one thing is no workflow', ['ls', 'go test', 'ls'], undefined],
  ['what changes the shell would be lost', ['cd', 'go build', 'go test'], undefined],
  ['trying again and again is no workflow', ['edit', 'go test', 'edit', 'go test', 'edit'], undefined],
])('%s', (_what, steps, work) => expect(workIn(steps)).toEqual(work));
