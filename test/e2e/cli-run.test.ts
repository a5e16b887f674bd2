/** Runs from the command line: from their start to their end, their failure, their resumption and their cancel. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.end());

const GREET = `
name: greet
inputs:
  who: { type: string, required: true }
  times: { type: integer, default: 1 }
outputs:
  said: "{{ steps.say.outputs.said }}"
steps:
  - id: say
    command: printf '%s %s' "{{ inputs.who }}" "{{ inputs.times }}"
    outputs: { said: "{{ stdout }}" }
  - id: keep
    command: cat > said.txt <<< "{{ steps.say.outputs.said }}"
`;

const BREAKS = `
name: breaks
inputs:
  code: { type: integer, default: 7 }
steps:
  - id: first
    command: echo once >> first.txt
  - id: second
    command: echo trying; exit {{ inputs.code }}
`;

/** Stands at its gate until the test opens it. */
const GATE = `
name: gate
steps:
  - id: wait
    command: |
      echo at the gate
      until [ -e open ]; do sleep 0.05; done
      echo through
  - id: after
    command: echo after > after.txt
`;

describe('belay run', () => {
  test('runs a file with inputs, tells each step, and exits with 0', async () => {
    scratch.write('greet.yaml', GREET);
    const { status, stdout, stderr } = await scratch.run(
      'run',
      'greet.yaml',
      '-i',
      "who=it's $(me)",
      '-i',
      'times=3',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\[1\/2\] say … ok \d+/m);
    expect(stdout).toMatch(/^\[2\/2\] keep … ok \d+/m);
    expect(stdout).toMatch(/^run r-\S+ of greet: succeeded/m);
    expect(scratch.read('said.txt')).toBe("it's $(me) 3\n");
  });

  test('--json is the run view on stdout; progress goes to stderr', async () => {
    scratch.write('greet.yaml', GREET);
    const { status, stderr, answer } = await scratch.json(
      'run',
      'greet.yaml',
      '-i',
      'who=x',
      '-i',
      'times=2',
    );
    expect(status).toBe(0);
    expect(stderr).toContain('[2/2] keep … ok');
    expect(answer).toMatchObject({
      status: 'succeeded',
      inputs: { who: 'x', times: 2 },
      outputs: { said: 'x 2' },
    });
  });

  test('a failed run exits with 1 and shows why; resume with other inputs goes on where it failed', async () => {
    scratch.write('breaks.yaml', BREAKS);
    const failed = await scratch.run('run', 'breaks.yaml');
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain('second … failed');
    expect(failed.stdout).toContain('  | trying');
    const [run] = (await scratch.json('history')).answer.runs;
    expect((await scratch.run('status', run!.run_id)).status).toBe(1);
    const resumed = await scratch.json('resume', run!.run_id, '-i', 'code=0');
    expect(resumed.status).toBe(0);
    expect(resumed.answer).toMatchObject({ status: 'succeeded', inputs: { code: 0 } });
    expect(scratch.read('first.txt')).toBe('once\n');
    const again = await scratch.json('resume', run!.run_id, '--from', 'first');
    expect(again.answer.status).toBe('succeeded');
    expect(scratch.read('first.txt')).toBe('once\nonce\n');
  });

  test('what is wrong before the run costs exit code 2 and leaves no run behind', async () => {
    scratch.write('greet.yaml', GREET);
    scratch.write('bad.yaml', 'name: bad\nsteps:\n  - id: a\n    comand: x\n');
    for (const [args, code] of [
      [['run', 'bad.yaml'], 'invalid_definition'],
      [['run', 'greet.yaml'], 'invalid_input'],
      [['run', 'greet.yaml', '-i', 'who=x', '-i', 'times=many'], 'invalid_input'],
      [['run', 'gret'], 'unknown_workflow'],
    ] as const) {
      const { status, answer } = await scratch.json(...args);
      expect([status, answer.error.code]).toEqual([2, code]);
    }
    expect((await scratch.json('history')).answer.runs).toEqual([]);
  });

  test('--dry-run shows the rendered plan and starts nothing', async () => {
    scratch.write('greet.yaml', GREET);
    const { status, stdout } = await scratch.run('run', 'greet.yaml', '-i', 'who=me', '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain('nothing was started');
    expect(stdout).toContain('printf');
    expect((await scratch.json('history')).answer.runs).toEqual([]);
  });

  test('the same key is the same run', async () => {
    scratch.write('greet.yaml', GREET);
    const first = await scratch.json('run', 'greet.yaml', '-i', 'who=a', '--key', 'k');
    const second = await scratch.json('run', 'greet.yaml', '-i', 'who=a', '--key', 'k');
    expect(second.answer.run_id).toBe(first.answer.run_id);
    expect(second.status).toBe(0);
    const other = await scratch.json('run', 'greet.yaml', '-i', 'who=b', '--key', 'k');
    expect(other.answer.error).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(first.answer.run_id),
    });
  });
});

describe('leaving a run', () => {
  beforeEach(() => scratch.write('gate.yaml', GATE));

  test('--detach: the background host finishes what nobody watches', async () => {
    const { status, answer } = await scratch.json('run', 'gate.yaml', '--detach');
    expect(status).toBe(0);
    const follower = scratch.start('logs', answer.run_id, 'wait', '--follow');
    await follower.seen('at the gate\n');
    scratch.write('open', '');
    expect(await follower.ended).toEqual({ status: 0, stdout: 'at the gate\nthrough\n', stderr: '' });
    const watched = await scratch.run('status', answer.run_id, '--watch');
    expect(watched.status).toBe(0);
    expect(watched.stdout).toContain('[2/2] after … ok');
    expect(scratch.read('after.txt')).toBe('after\n');
  });

  test('one interrupt leaves the run to the background', async () => {
    const running = scratch.start('run', 'gate.yaml', '--json');
    const { run_id: runId } = await started();
    running.child.kill('SIGINT');
    const left = await running.ended;
    expect(left.status).toBe(130);
    expect(left.stderr).toContain(`belay status ${runId} --watch`);
    expect(JSON.parse(left.stdout)).toMatchObject({ run_id: runId, status: 'running' });
    scratch.write('open', '');
    expect((await scratch.run('status', runId, '--watch')).status).toBe(0);
  });

  test('a second interrupt cancels it', async () => {
    const running = scratch.start('run', 'gate.yaml');
    await started();
    running.child.kill('SIGINT');
    await running.seen('interrupt again to cancel it');
    running.child.kill('SIGINT');
    const { status, stdout } = await running.ended;
    expect(status).toBe(1);
    expect(stdout).toMatch(/^run \S+ of gate: cancelled/m);
  });

  test('a second interrupt also cancels a run with an open question', async () => {
    scratch.write('gate.yaml', `${GATE}  - { id: ask, type: approval, message: Go?, needs: [] }\n`);
    const running = scratch.start('run', 'gate.yaml');
    await started();
    running.child.kill('SIGINT');
    await running.seen('interrupt again to cancel it');
    running.child.kill('SIGINT');
    expect((await running.ended).status).toBe(1);
  });

  test('a program that is told to end hands its run over', async () => {
    const running = scratch.start('run', 'gate.yaml');
    const { run_id: runId } = await started();
    running.child.kill('SIGTERM');
    expect((await running.ended).status).toBe(143);
    scratch.write('open', '');
    expect((await scratch.run('status', runId, '--watch')).status).toBe(0);
  });

  test('cancel ends it at once, by the beginning of its id', async () => {
    const { answer } = await scratch.json('run', 'gate.yaml', '--detach');
    await started();
    const { status, answer: view } = await scratch.json(
      'cancel',
      answer.run_id.slice(0, -2),
      '--reason',
      'enough',
    );
    expect(status).toBe(0);
    expect(view).toMatchObject({ run_id: answer.run_id, status: 'cancelled' });
    expect((await scratch.run('status', answer.run_id)).status).toBe(1);
    expect((await scratch.json('cancel', answer.run_id)).answer.status).toBe('cancelled');
  });

  /** The run, once its first step stands at the gate. */
  async function started() {
    for (;;) {
      const { stdout } = await scratch.run('history', '--json');
      const [run] = (JSON.parse(stdout) as { runs: { run_id: string }[] }).runs;
      if (run && (await scratch.run('logs', run.run_id)).stdout.includes('at the gate')) return run;
    }
  }
});
