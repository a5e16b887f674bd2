import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProcessSpec } from '../../../src/engine/core/step-type.ts';
import { plainCommand } from '../../../src/steps/plain-command.ts';
import { type Fixture, openFixture } from '../engine/host/process/runner-fixture.ts';

const BASH = ['bash', '-euo', 'pipefail', '-c'];
const specOf = (script: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  shell: BASH,
  script,
  env: {},
  cwd: '/',
  separate: [],
  logBytesMax: 1_000,
  onLogLimit: 'fail',
  killGraceMs: 1_000,
  ...more,
});

describe('a script is one plain command', () => {
  it.each([
    ['make', ['make']],
    ['npm run build -- --env=prod\n', ['npm', 'run', 'build', '--', '--env=prod']],
    ['git -C ./a/b commit -m x', ['git', '-C', './a/b', 'commit', '-m', 'x']],
    ['true', ['true']],
  ])('%j', (script, words) => {
    expect(plainCommand(specOf(script))).toEqual(words);
  });

  it.each([
    ...['cd src', 'echo hi', 'exit 3', 'export A=1', 'A=1 make', 'if true', '. ./env', 'set -x', '[ a ]'],
    ...[
      'make; make',
      'make && make',
      'make | cat',
      'make > log',
      'make &',
      'make $X',
      'make "$X"',
      "make 'x'",
    ],
    ...[
      'ls *',
      'ls ?',
      'ls {a,b}',
      'ls ~',
      'make # why',
      'a\nb',
      '',
      './run',
      '/bin/true',
      '!make',
      'make  x',
    ],
  ])('but not %j', (script) => {
    expect(plainCommand(specOf(script))).toBeUndefined();
  });

  it('not for a shell that the step names, nor where the shell would read a file first', () => {
    expect(plainCommand(specOf('make', { shell: ['bash', '-x', '-c'] }))).toBeUndefined();
    expect(plainCommand(specOf('make', { shell: ['zsh', '-euo', 'pipefail', '-c'] }))).toBeUndefined();
    expect(plainCommand(specOf('make', { env: { BASH_ENV: '/etc/env' } }))).toBeUndefined();
  });
});

describe('it runs as under its shell', () => {
  let fixture: Fixture;
  let env: { readonly PATH: string };
  beforeEach(() => {
    fixture = openFixture();
    const bin = join(fixture.home, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'show'), '#!/bin/sh\necho "$1 $PWD $SHLVL $GIVEN"\nexit 3\n');
    chmodSync(join(bin, 'show'), 0o755);
    env = { PATH: `${bin}:${process.env.PATH}` };
  });
  afterEach(() => fixture.close());

  /** The same command, once by itself and once with something that needs the shell. */
  const both = async (command: string, given: object) => [
    await fixture.run(command, given),
    await fixture.run(`${command} ''`, given),
  ];

  it('with its arguments, folder, level, environment and exit code', async () => {
    const [plain, shelled] = await both('show a', { shell: BASH, env: { ...env, GIVEN: "it's" } });
    expect(plain).toMatchObject({ code: 3, log: expect.stringMatching(/^a \/\S+ \d it's\n$/) });
    expect(plain).toEqual(shelled);
  });

  it.each(['true', 'false'])('and ends as %s does there', async (command) => {
    const [plain, shelled] = await both(command, { shell: BASH, env });
    expect(plain).toMatchObject({ code: command === 'true' ? 0 : 1, log: '' });
    expect(plain).toEqual(shelled);
  });

  it('and says the same where the program is not there', async () => {
    const [plain, shelled] = await both('nosuch a', { shell: BASH, env });
    expect(plain).toMatchObject({ code: 127, log: expect.stringContaining('nosuch: command not found') });
    expect(plain).toEqual(shelled);
  });

  it('in a folder that was entered through a link', async () => {
    const link = join(fixture.home, 'link');
    await fixture.run(`mkdir real; ln -s "$PWD/real" "${link}"`);
    const [plain, shelled] = await both('show a', { shell: BASH, env, cwd: link });
    expect(plain).toEqual(shelled);
  });
});
