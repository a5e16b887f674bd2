import { expect, test } from 'vitest';
import { commandValues } from '../../../../src/learning/mine/command-values.ts';
import { defineCommands } from '../../../../src/learning/mine/define-commands.ts';
import { definePattern, type MinedStep, patternId } from '../../../../src/learning/mine/define-pattern.ts';
import { workIn } from '../../../../src/learning/mine/work-in-sequence.ts';

test('commands become steps with ids of their own, and what they share an input', () => {
  const commands = ['git checkout release-7', 'npm run build', 'npm run build', 'git push origin release-7'];
  const { name, description, inputs, steps } = defineCommands({ commands });
  expect([name, description]).toEqual([
    'check-out-build-and-push',
    'Check out a branch, build, and push (git, npm)',
  ]);
  expect(inputs).toEqual({ branch: { type: 'string', default: 'release-7' } });
  expect(steps).toEqual([
    { id: 'git-checkout', command: 'git checkout {{ inputs.branch }}' },
    { id: 'build', command: 'npm run build' },
    { id: 'build-2', command: 'npm run build' },
    expect.objectContaining({ id: 'git-push', command: 'git push origin {{ inputs.branch }}' }),
  ]);
});

test('a test is called by what it is, and in front of another command by that one', () => {
  const commands = ['[ -f a.txt ]', 'test -d dist', '[[ -d dist/web ]] && rsync -a dist/web host:web'];
  const { name, description, steps } = defineCommands({ commands });
  expect([name, description]).toEqual(['check-and-rsync', 'Check a condition and run rsync']);
  expect(steps).toMatchObject([{ id: 'check' }, { id: 'check-2' }, { id: 'rsync' }]);
});

test.each(['constructor', 'toString', '__proto__'])(
  'a program called `%s` is one as any other',
  (program) => {
    const commands = [`${program} a-1 --flag=b`, `${program} a-1`];
    const { name, inputs, steps } = defineCommands({ commands });
    expect(name).toMatch(/^(?:constructor|tostring|proto)$/);
    expect(inputs).toEqual({ value: { type: 'string', default: 'a-1' } });
    expect(commandsOf({ steps })).toEqual([
      `${program} {{ inputs.value }} --flag=b`,
      `${program} {{ inputs.value }}`,
    ]);
    expect(steps).toEqual([expect.not.objectContaining({ undo: expect.anything() }), expect.anything()]);
  },
);

const commandsOf = ({ steps }: { readonly steps?: unknown }): string[] =>
  (steps as { command: string }[]).map(({ command }) => command);

test.each<[string, string[], string[]]>([
  [
    'braces are text, and a part of a word is no value',
    ['echo {{ a }} release', 'touch release.txt release', 'cat release.txt'],
    [
      "echo {{ '{{' }} a }} {{ inputs.value }}",
      'touch {{ inputs.file }} {{ inputs.value }}',
      'cat {{ inputs.file }}',
    ],
  ],
  [
    'a name that was given is found in a path, behind `=` and where a stream goes',
    ['mkdir api-7', 'echo hi > api-7/note', 'make NAME=api-7', 'git merge origin/api-7'],
    [
      'mkdir {{ inputs.folder }}',
      'echo hi > {{ inputs.folder }}/note',
      'make NAME={{ inputs.folder }}',
      'git merge origin/{{ inputs.folder }}',
    ],
  ],
  [
    'what is quoted stays quoted',
    [`git commit -m "Fix it"`, `gh pr create --title 'Fix it'`],
    [`git commit -m "{{ inputs.message }}"`, `gh pr create --title '{{ inputs.message }}'`],
  ],
  [
    'half of a workflow would follow the input: no part of a script is one',
    ['cp a-1.txt b', 'jq . a-1.txt', 'cat a-1.txt'],
    ['cp a-1.txt b', 'jq . a-1.txt', 'cat a-1.txt'],
  ],
  [
    'no script, no substitution and no remote command is a value',
    ['sh -c "go x-1"', 'ssh x-1 ls', 'echo $(date) "$HOME" x-1', 'echo x-1'],
    ['sh -c "go x-1"', 'ssh x-1 ls', 'echo $(date) "$HOME" x-1', 'echo x-1'],
  ],
])('%s', (_what, commands, expected) => expect(commandsOf(defineCommands({ commands }))).toEqual(expected));

test.each([
  ['git checkout -b a', 'branch'],
  ['git commit -am "a b"', 'message'],
  ['git push -u origin a', 'branch'],
  ['git tag -a v1.2.0 -m "a b"', 'tag'],
  ['docker run --name a nginx', 'container'],
  ['docker build -t shop/api:1 .', 'image'],
  ['kubectl apply -n prod -f x.yaml', 'namespace'],
  ['nmap -sV 10.0.0.1', 'host'],
  ['curl https://example.org', 'url'],
  ['npm version 1.2.3', 'version'],
  ['tool --env prod', 'env'],
  ['tool src/a.ts', 'file'],
  ['tool src/a/', 'folder'],
])('the value of `%s` is called %s', (command, name) =>
  expect(commandValues(command).map((value) => value.name)).toContain(name),
);

const session = (...commands: string[]): MinedStep[] =>
  commands.map((command) => ({
    stub: command.split(' ').slice(0, 2).join(' '),
    command,
    exitCode: command.includes('bad') ? 1 : 0,
  }));

test('of a pattern what varied is an input, and what varied together one input; what was new each time has no default', () => {
  const steps = ['tool build', 'tool ship'];
  const sessions = ['1.4.0', '1.5.0', 'bad-2', '1.6.0'].map((version, at) =>
    session(
      `tool build --tag v${version}`,
      'ls -l',
      `tool ship reg/v${version} --to ${at === 1 ? 'staging' : 'prod'}`,
    ),
  );
  const found = definePattern(steps, sessions);
  expect(found).toMatchObject({ id: patternId(steps), times: 4, succeeded: 3 });
  expect(found?.definition.inputs).toEqual({
    tag: { type: 'string', required: true, description: 'earlier: v1.6.0, vbad-2, v1.5.0' },
    to: { type: 'string', default: 'prod', description: 'earlier: staging' },
  });
  expect(commandsOf(found?.definition ?? {})).toEqual([
    'tool build --tag {{ inputs.tag }}',
    'tool ship reg/{{ inputs.tag }} --to {{ inputs.to }}',
  ]);
});

test('how a time ended counts where it is known', () => {
  const sessions = ['one', 'bad', 'two'].map((name) => session(`tool build ${name}`, `tool ship ${name}`));
  const untold = session('tool build three', 'tool ship three').map(({ exitCode: _, ...step }) => step);
  const found = definePattern(['tool build', 'tool ship'], [...sessions, untold]);
  expect(found).toMatchObject({ times: 3, succeeded: 2 });
});

test('numbers are numbers, the form that came most often is taken, and words of one time are left out', () => {
  const sessions = [3, 4, 5].map((count) =>
    session(`tool scale --replicas ${count} api`, 'tool check api').map((step, at) => ({
      ...step,
      intent: at === 0 ? `Scale to ${count}` : 'See that it is well',
    })),
  );
  const odd = session('tool scale api 2>&1 | tail -3', 'tool check api --verbose');
  const { definition } = definePattern(['tool scale', 'tool check'], [...sessions, odd]) ?? {};
  expect(definition?.inputs).toEqual({
    replicas: { type: 'integer', required: true, description: 'earlier: 5, 4, 3' },
  });
  expect(definition?.steps).toEqual([
    { id: 'tool', command: 'tool scale --replicas {{ inputs.replicas }} api' },
    { id: 'tool-2', description: 'See that it is well', command: 'tool check api' },
  ]);
});

test('commands that never were the same twice, values aside, are no workflow', () => {
  const sessions = ['--fast', '--slow', '-v', ''].map((flag) => session(`tool build ${flag}`, 'tool ship'));
  expect(definePattern(['tool build', 'tool ship'], sessions)).toBeUndefined();
});

test.each<[string, string[], string[] | undefined]>([
  ['looking around is left out', ['ls', 'go build', 'cat', 'go test'], ['go build', 'go test']],
  ['only looking is no workflow', ['ls', 'cat', 'ls'], undefined],
  ['one thing is no workflow', ['ls', 'go test', 'ls'], undefined],
  ['what changes the shell would be lost', ['cd', 'go build', 'go test'], undefined],
  ['trying again and again is no workflow', ['edit', 'go test', 'edit', 'go test', 'edit'], undefined],
])('%s', (_what, steps, work) => expect(workIn(steps)).toEqual(work));

test('a step is not called what expressions call something else', () => {
  const { steps } = defineCommands({ commands: ['run x', 'env', 'index a'] });
  expect((steps as { id: string }[]).map(({ id }) => id)).toEqual(['run-step', 'env-step', 'index-step']);
});
