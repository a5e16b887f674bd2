/** Taking runs back from a shell and from a terminal: the real program, real files, real exit codes. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

const BREAKING = `
name: breaking
inputs: { code: { type: integer, default: 7 } }
checkpoints: { paths: [project] }
steps:
  - id: break
    checkpoint: { name: whole }
    command: cd project; echo after > changed.txt; rm deleted.txt; mkdir new; echo x > new/file
  - id: note
    command: echo up >> notes.txt
    undo: echo down >> notes.txt
  - id: fail
    command: exit {{ inputs.code }}
`;

let scratch: Scratch;
beforeEach(async () => {
  scratch = new Scratch();
  scratch.write('breaking.yaml', BREAKING);
  await scratch.shell('mkdir project; echo before > project/changed.txt; echo here > project/deleted.txt');
});
afterEach(() => scratch.end());

const files = () => readdirSync(join(scratch.folder, 'project'), { recursive: true }).sort();

async function broken(): Promise<string> {
  const { status, answer } = await scratch.json('run', 'breaking.yaml');
  expect(status).toBe(1);
  return String(answer.run_id);
}

describe('rollback', { timeout: 60_000 }, () => {
  test('a dry run shows the plan and touches nothing; then it is done: exit code 0', async () => {
    const run = await broken();
    const plan = await scratch.run('rollback', run, '--strategy', 'graceful', '--dry-run');
    expect(plan.status).toBe(0);
    for (const line of [
      'undo step `note`',
      'echo down >> notes.txt',
      'delete project/new/file',
      '-after\n+before',
    ])
      expect(plan.stdout).toContain(line);
    expect(files()).toContain('new');
    const done = await scratch.run('rollback', run, '--strategy', 'graceful');
    expect(done.status).toBe(0);
    expect(done.stdout).toContain('[undo 2/2]');
    expect(files()).toEqual(['changed.txt', 'deleted.txt']);
    expect(scratch.read('project/changed.txt')).toBe('before\n');
    expect(scratch.read('notes.txt')).toBe('up\ndown\n');
    // the run has been taken back: of the run itself that is no success
    expect((await scratch.run('status', run)).status).toBe(1);
    expect((await scratch.run('logs', run, 'undo:note')).status).toBe(0);
  });

  test('to a checkpoint and on from there, back and forth', async () => {
    const run = await broken();
    for (const code of ['7', '0']) {
      const back = await scratch.json('rollback', run, '--to', 'whole');
      expect(back.status).toBe(0);
      expect(back.answer.status).toBe('paused');
      expect(files()).toEqual(['changed.txt', 'deleted.txt']);
      expect((await scratch.run('resume', run, '-i', `code=${code}`)).status).toBe(code === '0' ? 0 : 1);
      expect(files()).toEqual(['changed.txt', 'new', 'new/file']);
    }
  });

  test('what others changed stops it: exit code 2, and nothing is touched', async () => {
    const run = await broken();
    scratch.write('project/changed.txt', 'theirs\n');
    const stopped = await scratch.run('rollback', run, '--strategy', 'immediate');
    expect(stopped.status).toBe(2);
    expect(stopped.stderr).toContain('`project/changed.txt`');
    expect(stopped.stderr).toContain('--on-conflict keep');
    expect(scratch.read('project/changed.txt')).toBe('theirs\n');
  });

  test('an undo that fails: exit code 4, and what to do about it', async () => {
    scratch.write('broken-undo.yaml', 'name: b\nsteps: [{ id: a, command: "true", undo: "exit 5" }]\n');
    const { answer } = await scratch.json('run', 'broken-undo.yaml');
    const stuck = await scratch.run('rollback', String(answer.run_id), '--strategy', 'graceful');
    expect(stuck.status).toBe(4);
    expect(stuck.stdout).toContain(`belay logs ${answer.run_id} undo:a`);
    expect(stuck.stdout).toContain('then roll back again');
  });

  test('by hand: exit code 3 while it waits, and each answer ticks one off', async () => {
    const run = await broken();
    const waiting = await scratch.json('rollback', run, '--strategy', 'manual');
    expect(waiting.status).toBe(3);
    for (let left = 2; left > 0; left -= 1) {
      const { answer } = await scratch.json('status', run);
      const [question] = answer.questions as { question_id: string }[];
      expect((await scratch.run('answer', run, question?.question_id ?? '', 'done')).status).toBe(0);
      await scratch.run('status', run, '--watch');
    }
    expect((await scratch.json('status', run)).answer.status).toBe('rolled_back');
    expect(files()).toContain('new');
  });

  test('on a terminal the plan is shown, and only a yes changes anything', async () => {
    const run = await broken();
    const no = scratch.onTerminal('rollback', run, '--strategy', 'graceful');
    await no.seen('roll back? [y/N]');
    no.child.stdin?.write('n\n');
    expect((await no.ended).status).toBe(2);
    expect(files()).toContain('new');
    const yes = scratch.onTerminal('rollback', run, '--strategy', 'graceful');
    await yes.seen('roll back? [y/N]');
    yes.child.stdin?.write('y\n');
    expect((await yes.ended).status).toBe(0);
    expect(files()).toEqual(['changed.txt', 'deleted.txt']);
  });

  test('a workflow that wants a word before each rollback has none from a shell: exit code 3', async () => {
    scratch.write('breaking.yaml', `${BREAKING}rollback: { confirm: always }\n`);
    const run = await broken();
    const refused = await scratch.run('rollback', run, '--strategy', 'graceful', '--yes');
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain('a person has to agree');
    expect(files()).toContain('new');
  });

  test('a step that pretends to be a terminal is no person', async () => {
    scratch.write('breaking.yaml', `${BREAKING}rollback: { confirm: always }\n`);
    const run = await broken();
    const bin = join(import.meta.dirname, '..', '..', 'bin', 'belay.js');
    const belay = `${process.execPath} ${bin} --home ${scratch.home} rollback ${run} --strategy graceful --yes`;
    const sneaky = { name: 'sneaky', steps: [{ id: 'try', command: `script -qec '${belay}' /dev/null` }] };
    scratch.write('sneaky.json', JSON.stringify(sneaky));
    const tried = await scratch.run('run', 'sneaky.json');
    expect([tried.status, tried.stdout]).toEqual([1, expect.stringContaining('a person has to agree')]);
    expect(files()).toContain('new');
  });

  test('and back again: the files are as they were before the rollback', async () => {
    const run = await broken();
    await scratch.run('rollback', run, '--strategy', 'graceful');
    const back = await scratch.run('rollback', run, '--undo');
    expect(back.status).toBe(0);
    expect(back.stdout).toContain('its files are back');
    expect(files()).toEqual(['changed.txt', 'new', 'new/file']);
    expect(scratch.read('project/changed.txt')).toBe('after\n');
  });

  test('and only a part of it back again: exit code 4', async () => {
    const run = await broken();
    await scratch.run('rollback', run, '--strategy', 'graceful');
    scratch.write('project/new', 'a file where the folder was');
    const back = await scratch.run('rollback', run, '--undo', '--on-conflict', 'keep');
    expect([back.status, back.stdout]).toEqual([4, expect.stringContaining('not all files are')]);
    expect(scratch.read('project/changed.txt')).toBe('after\n');
  });

  test('one whose host was killed is gone on with, whatever is asked for then', async () => {
    await scratch.shell('mkfifo began gate');
    scratch.write(
      'slow.yaml',
      'name: slow\ncheckpoints: false\nsteps: [{ id: a, command: "true", undo: "echo > began; cat gate" }]\n',
    );
    const run = String((await scratch.json('run', 'slow.yaml')).answer.run_id);
    const first = scratch.start('rollback', run, '--strategy', 'graceful');
    await scratch.shell('cat began');
    first.child.kill('SIGKILL');
    await first.ended;
    expect((await scratch.run('status', run)).stdout).toContain(`\`belay rollback ${run}\` goes on`);
    const second = scratch.start('rollback', run, '--strategy', 'immediate');
    await second.seen('strategy `graceful` is under way');
    const refused = await scratch.run('rollback', run, '--strategy', 'graceful');
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('rolled back already')]);
    await scratch.shell('echo > gate');
    expect((await second.ended).status).toBe(0);
  });
});

describe('checkpoints and gc', { timeout: 60_000 }, () => {
  test('checkpoints are listed, one by one too', async () => {
    await scratch.shell('mkfifo project/pipe');
    const run = await broken();
    const listed = await scratch.run('checkpoints', run);
    expect(listed.stdout).toMatch(/whole +break +asked .* 1 not held/);
    const one = await scratch.run('checkpoints', run, 'whole');
    expect(one.stdout).toMatch(/project\/pipe: .*(fifo|pipe)/);
    const unknown = await scratch.run('checkpoints', run, 'hwole');
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('`whole`')]);
  });

  test('gc keeps what is young, says what it would remove, and names what is gone', async () => {
    const run = await broken();
    expect((await scratch.run('gc')).stdout).toContain('removed 0 snapshots');
    expect((await scratch.run('gc', '--keep-count', '0', '--dry-run')).stdout).toContain(
      'would remove 1 snapshot',
    );
    expect((await scratch.json('gc', '--keep-count', '0')).answer).toMatchObject({
      snapshots: 1,
      dry_run: false,
    });
    const refused = await scratch.run('rollback', run, '--to', 'whole');
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('project/changed.txt')]);
    expect((await scratch.run('gc', '--keep-size', 'lots')).status).toBe(2);
  });

  test('gc leaves a run alone that has not finished', async () => {
    const run = await broken();
    await scratch.run('rollback', run, '--to', 'whole');
    const collected = await scratch.json('gc', '--keep-days', '0', '--keep-count', '0', '--keep-size', '0B');
    expect(collected.answer).toMatchObject({ snapshots: 0 });
    expect((await scratch.run('rollback', run, '--undo')).status).toBe(0);
    expect(files()).toContain('new');
  });
});
