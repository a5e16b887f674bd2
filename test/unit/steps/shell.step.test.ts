/** What a shell step asks the host to run, and how it reads the end of it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/engine/core/model.ts';
import type { ProcessExit, ProcessSpec } from '../../../src/engine/core/step-type.ts';
import { shellStep } from '../../../src/steps/shell.step.ts';
import { type Fake, fakeContext } from './fake-context.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-shell-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const context = (config: JsonObject, rest: Partial<Fake> = {}) =>
  fakeContext({ type: 'shell', config, cwd: folder, ...rest });

function spec(config: JsonObject, rest: Partial<Fake> = {}): ProcessSpec {
  const begun = shellStep.begin(context(config, rest));
  if (!begun.ok) throw new Error(begun.error.message);
  if (begun.value.kind !== 'process') throw new Error(begun.value.kind);
  return begun.value.process;
}

function failure(config: JsonObject, rest: Partial<Fake> = {}) {
  const begun = shellStep.begin(context(config, rest));
  return begun.ok ? undefined : begun.error;
}

const END: ProcessExit = { stdout: '', stderr: '', truncated: false };
const exited = (exit: Partial<ProcessExit>, rest: Partial<Fake> = {}) =>
  shellStep.exited?.(context({ command: 'true', output_limit: '2KB' }, rest), { ...END, ...exit });

describe('begin', () => {
  test('takes strict bash where it is there, else strict sh', () => {
    expect(spec({ command: 'true' }).shell).toEqual(['bash', '-euo', 'pipefail', '-c']);
    expect(spec({ command: 'true' }, { programs: ['sh'] }).shell).toEqual(['sh', '-eu', '-c']);
  });

  test.each([
    ['dash', ['dash', '-eu', '-c']],
    ['zsh', ['zsh', '-euo', 'pipefail', '-c']],
    ['python3', ['python3', '-c']],
    [
      ['node', '--no-warnings', '-e'],
      ['node', '--no-warnings', '-e'],
    ],
  ])('takes the shell that the step names: %j', (shell, expected) => {
    expect(spec({ command: 'x', shell }, { programs: ['dash', 'zsh', 'python3', 'node'] }).shell).toEqual(
      expected,
    );
  });

  test('refuses a shell that is not on the PATH', () => {
    expect(failure({ command: 'x', shell: 'zsh' })).toMatchObject({
      code: 'shell_missing',
      data: { shell: 'zsh' },
    });
  });

  test('passes values in the environment, never in the script', () => {
    const value = "'; rm -rf / #";
    const process = spec({ command: 'echo {{ inputs.a }}' }, { values: { 'inputs.a': value } });
    expect(process.script).toBe('echo "$V1"');
    expect(process.env.V1).toBe(value);
  });

  test('forbids prompts, and lets the declared environment win', () => {
    const process = spec({ command: 'true' }, { environment: { PATH: '/bin', PAGER: 'less' } });
    expect(process.env).toMatchObject({
      PATH: '/bin',
      PAGER: 'less',
      GIT_TERMINAL_PROMPT: '0',
      GIT_EDITOR: 'false',
    });
    expect(process.env).not.toHaveProperty('CI');
  });

  test('takes cwd from the directory of the run', () => {
    mkdirSync(join(folder, 'app'));
    expect(spec({ command: 'true' }).cwd).toBe(folder);
    expect(spec({ command: 'true', cwd: '{{ inputs.a }}' }, { values: { 'inputs.a': 'app' } }).cwd).toBe(
      join(folder, 'app'),
    );
  });

  test('says what is wrong with cwd', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(failure({ command: 'true', cwd: 'app' })).toMatchObject({
      code: 'cwd_missing',
      message: expect.stringContaining('found nothing'),
    });
    expect(failure({ command: 'true', cwd: 'file' })).toMatchObject({
      code: 'cwd_missing',
      message: expect.stringContaining('found a file'),
    });
  });

  test('reads limits as they are written', () => {
    expect(
      spec({ command: 'true', output_limit: '2 KB', on_output_limit: 'truncate', kill_grace: '1.5s' }),
    ).toMatchObject({
      logBytesMax: 2048,
      onLogLimit: 'truncate',
      killGraceMs: 1500,
    });
    expect(spec({ command: 'true' })).toMatchObject({
      logBytesMax: 64 * 1024 * 1024,
      onLogLimit: 'fail',
      killGraceMs: 5000,
    });
  });

  test('keeps the streams apart that are read', () => {
    expect(spec({ command: 'true' }, { step: { reads: ['stdout'] } }).separate).toEqual(['stdout']);
  });
});

describe('exited', () => {
  test('code 0 is success', () => {
    expect(exited({ code: 0 })).toEqual({ ok: true, exitCode: 0 });
  });

  test('gives the streams that are read', () => {
    const step = { reads: ['stdout'] as const };
    expect(exited({ code: 0, stdout: 'out', stderr: 'err' }, { step })).toEqual({
      ok: true,
      exitCode: 0,
      stdout: 'out',
    });
    expect(exited({ code: 1, stdout: 'out' }, { step })).toMatchObject({
      ok: false,
      exitCode: 1,
      stdout: 'out',
    });
  });

  test('a cut log is a warning', () => {
    expect(exited({ code: 0, truncated: true })).toMatchObject({
      ok: true,
      warnings: ['log cut at 2048 bytes'],
    });
  });

  test.each([
    [
      'exit code',
      { code: 2 },
      { code: 'exit', retry: 'again', message: 'exit code 2', data: { exit_code: 2 } },
    ],
    ['signal', { signal: 'SIGKILL' }, { code: 'killed', retry: 'again', data: { signal: 'SIGKILL' } }],
    ['unseen end', {}, { code: 'killed', message: 'ended without leaving an exit status' }],
    [
      'timeout',
      { signal: 'SIGTERM', stopped: 'timeout' },
      { code: 'timeout', retry: 'again', message: 'timed out after 30 s' },
    ],
    ['cancel', { code: 0, stopped: 'cancelled' }, { code: 'cancelled', retry: 'final' }],
    [
      'output limit',
      { signal: 'SIGKILL', stopped: 'output_limit' },
      { code: 'output_limit', retry: 'final', data: { limit_bytes: 2048 } },
    ],
  ] as const)('%s is a failure', (_, exit, expected) => {
    expect(exited(exit, { step: { timeoutMs: 30_000 } })).toMatchObject({ ok: false, failure: expected });
  });
});

describe('plan', () => {
  test('shows the command with its values, and where it runs', () => {
    const planned = shellStep.plan?.(
      context({ command: 'echo {{ inputs.a }}', cwd: 'app' }, { values: { 'inputs.a': 'hi' } }),
    );
    expect(planned).toEqual({ does: 'runs a script', command: 'echo hi', cwd: 'app' });
  });

  test('says what cannot be known yet', () => {
    expect(shellStep.plan?.(context({ command: 'echo {{ later }}' }))).toMatchObject({
      command: 'echo {{ later }}',
      unknown: '`later` is unknown',
    });
  });
});

test.each([
  [{ command: 'x', shell: 'python3' }, true],
  [{ command: '{{ a }}', shell: ['/bin/bash', '-c'] }, true],
  [{ command: 'x', shell: 'bash -e' }, false],
  [{ command: 'x', shell: [] }, false],
  [{ command: ['x'] }, false],
  [{ command: 'x', output_limit: 'much' }, false],
  [{ command: 'x', kill_grace: '5 minutes' }, false],
  [{ command: 'x', id: 'common-field' }, false],
])('schema on %j: %s', (config, valid) => {
  expect(shellStep.schema.safeParse(config).success).toBe(valid);
});
