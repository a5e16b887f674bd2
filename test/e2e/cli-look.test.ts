/** Commands that look: validate, list, show, history, logs, schema, doctor, completion; and streams that go away. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.end());

const TWO = `
name: two
steps:
  - id: one
    command: for i in 1 2 3; do echo one $i; done
  - id: two
    command: echo two
`;

test('validate points at every error and hints at what was meant', async () => {
  scratch.write('two.yaml', TWO);
  scratch.write(
    'bad.yaml',
    'name: bad\nsteps:\n  - id: a\n    comand: x\n  - id: b\n    needs: [c]\n    command: x\n',
  );
  const { status, stdout } = await scratch.run('validate', 'bad.yaml', 'two.yaml');
  expect(status).toBe(2);
  expect(stdout).toContain('bad.yaml:4:5: error unknown_key: unknown key `comand`');
  expect(stdout).toContain('  hint: did you mean `command`');
  expect(stdout).toMatch(/^bad\.yaml:6:\d+: error unknown_step: /m);
  expect(stdout).toContain('two.yaml: valid');
  const { status: valid, answer } = await scratch.json('validate', 'two.yaml');
  expect([valid, answer.valid]).toEqual([0, true]);
});

test('list and show find the workflows of a folder', async () => {
  scratch.write('two.yaml', TWO);
  const listed = await scratch.run('list', '--workflows', scratch.folder);
  expect(listed.stdout).toMatch(/^two +1 +workflows/m);
  const shown = await scratch.run('show', 'two', '--workflows', scratch.folder);
  expect(shown.stdout).toContain(TWO.trim());
  const unknown = await scratch.run('show', 'twoo', '--workflows', scratch.folder);
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain('did you mean `two`');
});

test('logs: a step, a tail, the whole run under headings', async () => {
  scratch.write('two.yaml', TWO);
  const { answer } = await scratch.json('run', 'two.yaml');
  const logs = async (...args: string[]) => (await scratch.run('logs', answer.run_id, ...args)).stdout;
  expect(await logs('one')).toBe('one 1\none 2\none 3\n');
  expect(await logs('one', '--tail', '1')).toBe('one 3\n');
  expect(await logs()).toBe('==> one <==\none 1\none 2\none 3\n\n==> two <==\ntwo\n');
  expect(await logs('two', '--follow')).toBe('two\n');
  const unknown = await scratch.run('logs', answer.run_id, 'tow');
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain('did you mean `two`');
});

test('history filters and pages', async () => {
  scratch.write('two.yaml', TWO);
  scratch.write('fails.yaml', 'name: fails\nsteps:\n  - command: exit 1\n    id: a\n');
  await scratch.run('run', 'two.yaml');
  await scratch.run('run', 'fails.yaml');
  const runs = async (...args: string[]) =>
    (await scratch.json('history', ...args)).answer.runs.map((run) => run.workflow);
  expect(await runs()).toEqual(['fails', 'two']);
  expect(await runs('--status', 'succeeded')).toEqual(['two']);
  expect(await runs('--workflow', 'fails', '--since', '1h')).toEqual(['fails']);
  expect(await runs('--limit', '1')).toEqual(['fails']);
});

test('schema prints a JSON Schema', async () => {
  const { status, stdout } = await scratch.run('schema');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ title: 'Belay workflow' });
});

test('__complete names workflows, runs, steps and nothing that is wrong', async () => {
  scratch.write('two.yaml', TWO);
  const { answer } = await scratch.json('run', 'two.yaml');
  const complete = async (...args: string[]) => {
    const { status, stdout, stderr } = await scratch.run('__complete', ...args);
    expect([status, stderr]).toEqual([0, '']);
    return stdout.split('\n').filter((line) => line !== '');
  };
  expect(await complete('workflow', '--workflows', scratch.folder)).toContain('two');
  expect(await complete('run')).toEqual([answer.run_id]);
  expect(await complete('step', answer.run_id)).toEqual(['one', 'two']);
  expect(await complete('step', 'r-none')).toEqual([]);
});

describe('streams that go away', () => {
  test('a reader that has read enough ends nothing with an error', async () => {
    scratch.write('two.yaml', TWO);
    const { stdout, stderr } = await scratch.shell('belay schema | head -n 1; echo "${PIPESTATUS[0]}"');
    expect({ stdout, stderr }).toEqual({ stdout: '{\n0\n', stderr: '' });
  });

  test('a run whose reader leaves goes on in the background', async () => {
    scratch.write(
      'gate.yaml',
      'name: gate\nsteps:\n  - id: a\n    command: "true"\n  - id: b\n    command: until [ -e open ]; do sleep 0.05; done\n  - id: c\n    command: "true"\n',
    );
    const { stdout, stderr } = await scratch.shell(
      'belay run gate.yaml | { head -n 1; exec <&-; touch open; }',
    );
    expect(stdout).toMatch(/^\[1\/3\] a … ok .*\n$/);
    expect(stderr).toBe('');
    const [run] = (await scratch.json('history')).answer.runs;
    expect((await scratch.run('status', run!.run_id, '--watch')).status).toBe(0);
  });
});

describe('doctor', () => {
  const damage = () => {
    const path = join(scratch.home, 'belay.db');
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 4096);
    writeFileSync(path, bytes);
  };

  test('finds nothing wrong with a healthy folder, and can make its listings anew', async () => {
    scratch.write('two.yaml', TWO);
    await scratch.run('run', 'two.yaml');
    const { status, answer } = await scratch.json('doctor');
    expect(status).toBe(0);
    expect(answer.findings.map((finding) => finding.status)).not.toContain('problem');
    const before = (await scratch.json('history')).answer;
    const rebuilt = await scratch.run('doctor', '--rebuild');
    expect(rebuilt).toMatchObject({ status: 0, stdout: 'made the listings of 1 run anew\n' });
    expect((await scratch.json('history')).answer).toEqual(before);
  });

  test('names a damaged database and exits with 1', async () => {
    scratch.write('two.yaml', TWO);
    await scratch.run('run', 'two.yaml');
    damage();
    const { status, answer } = await scratch.json('doctor');
    expect(status).toBe(1);
    expect(answer.findings.filter((finding) => finding.status === 'problem')).not.toEqual([]);
  });

  test('a data folder that cannot be used is one clear line and exit code 2 for every command', async () => {
    scratch.write('home', 'a file');
    for (const args of [['list'], ['history'], ['run', 'x']]) {
      const { status, stdout, stderr } = await scratch.run(...args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr.split('\n')[0]).toContain('is not writable');
    }
    expect((await scratch.run('doctor')).status).toBe(1);
  });
});
