/** The bash script is run for real, with `belay` as a function; zsh and fish are checked where they are installed. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandLine } from '../../../../src/cli/command-line.ts';
import { fakeWorld } from '../fake-world.ts';

async function script(shell: string): Promise<string> {
  const world = fakeWorld();
  expect(await commandLine(['completion', shell], world)).toBe(0);
  return world.terminal.written.out;
}

/** Completes the last word; `belay __complete` answers with its own arguments and one workflow. */
async function complete(...words: string[]): Promise<string[]> {
  const test = `
    belay() { echo "asked:$(IFS=,; echo "$*")"; echo build-app; }
    ${await script('bash')}
    COMP_WORDS=(belay "$@"); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    _belay; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', test, 'bash', ...words], {
    encoding: 'utf8',
    cwd: '/',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

test('commands, options, and shells come from the tree', async () => {
  expect(await complete('stat')).toEqual(['status']);
  expect(await complete('st')).toEqual(['status', 'step-types']);
  expect(await complete('--home', '/h', 'can')).toEqual(['cancel']);
  expect(await complete('run', '--de')).toEqual(['--detach']);
  expect(await complete('completion', 'z')).toEqual(['zsh']);
});

test('names are asked for by the kind of word, with the data folder of the line', async () => {
  expect(await complete('run', 'build')).toEqual(['build-app']);
  expect(await complete('run', '--cwd', '/x', 'build')).toEqual(['build-app']);
  expect(await complete('--home', '/h', 'logs', '-f', 'r-1', 'ask')).toEqual([
    'asked:--home,/h,__complete,step,r-1',
  ]);
  expect(await complete('answer', 'r-1', 'ask')).toEqual(['asked:__complete,question,r-1']);
  expect(await complete('status', 'ask')).toEqual(['asked:__complete,run']);
});

test('the value of an option is not taken for a word, and no word too many is offered', async () => {
  expect(await complete('history', '--limit', 'hi')).toEqual([]);
  expect(await complete('status', 'r-1', 'ask')).toEqual([]);
});

test.each(['bash', 'zsh', 'fish'])('%s can read its script and finds every command in it', async (shell) => {
  const text = await script(shell);
  for (const command of ['mcp', 'run', 'validate', 'status', 'logs', 'history', 'doctor'])
    expect(text).toContain(command);
  expect(text).not.toContain('complete -c belay -n __fish_use_subcommand -f -a __complete');
  const { status, error } = spawnSync(shell, ['-n'], { input: text });
  if (!error) expect(status).toBe(0);
});
