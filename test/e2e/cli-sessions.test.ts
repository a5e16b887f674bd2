/** Sessions side by side on one data folder: each with its own variables, and runs inside the steps of others. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, type Ended, Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.end());

const answerOf = ({ stdout }: Ended) =>
  JSON.parse(stdout) as Answer & { reason?: string; parent?: object; warnings: string[] };

describe('variables that a workflow asks for', () => {
  const GATE = `
name: deploy
prerequisites: [{ env: DEPLOY_TOKEN }]
steps:
  - id: wait
    command: |
      printf %s "$DEPLOY_TOKEN" > first.txt
      until [ -e open ]; do sleep 0.05; done
  - id: after
    command: printf %s "$DEPLOY_TOKEN" > after.txt
`;
  const OTHER = 'name: other\nsteps: [{ command: "true" }]\n';
  const as = (token: string, line: string) => scratch.shell(`DEPLOY_TOKEN=${token} belay ${line}`);

  /** The background host, which has the variables of the session that started it. */
  const hostPid = (): number =>
    Number(
      readdirSync('/proc').find((pid) => {
        const path = join('/proc', pid, 'cmdline');
        const words = /^\d+$/.test(pid) && existsSync(path) ? readQuietly(path).split('\0') : [];
        return words.includes('host') && words.includes(scratch.home);
      }),
    );

  test('another session takes no run over, and goes on with its own values only when it is told to', async () => {
    scratch.write('deploy.yaml', GATE);
    scratch.write('other.yaml', OTHER);
    const { run_id } = answerOf(await as('first-value', 'run deploy.yaml --detach --json'));
    await scratch.shell('until [ -s first.txt ]; do sleep 0.05; done');
    process.kill(hostPid(), 'SIGKILL');
    scratch.write('open', '');
    // it drives runs, and passes this one over
    expect((await as('second-value', 'run other.yaml')).status).toBe(0);
    const stranded = answerOf(await as('second-value', `status ${run_id} --json`));
    expect(stranded).toMatchObject({
      status: 'running',
      reason: expect.stringMatching(new RegExp(`\`DEPLOY_TOKEN\` is not set here .*belay resume ${run_id}`)),
      steps: [{ status: 'running' }, { status: 'pending' }],
    });
    const unset = await scratch.shell(`unset DEPLOY_TOKEN; belay resume ${run_id} --json`);
    expect([unset.status, answerOf(unset).error]).toMatchObject([2, { code: 'missing_variable' }]);
    expect(existsSync(join(scratch.folder, 'after.txt'))).toBe(false);

    const resumed = await as('second-value', `resume ${run_id}`);
    expect(resumed.status).toBe(0);
    expect(resumed.stderr).toContain('`DEPLOY_TOKEN` is not set as before');
    expect([scratch.read('first.txt'), scratch.read('after.txt')]).toEqual(['first-value', 'second-value']);
    for (const name of readdirSync(scratch.home).filter((file) => file.startsWith('belay.db')))
      expect(scratch.read(`home/${name}`)).not.toMatch(/first-value|second-value/);
  });

  test('the session that has them takes the run up again as it is', async () => {
    scratch.write('deploy.yaml', GATE);
    const { run_id } = answerOf(await as('first-value', 'run deploy.yaml --detach --json'));
    await scratch.shell('until [ -s first.txt ]; do sleep 0.05; done');
    process.kill(hostPid(), 'SIGKILL');
    scratch.write('open', '');
    const resumed = await as('first-value', `resume ${run_id} --json`);
    expect(answerOf(resumed)).toMatchObject({
      status: 'succeeded',
      steps: [{ attempts: 1 }, { attempts: 1 }],
    });
    expect(scratch.read('after.txt')).toBe('first-value');
  });

  test('a variable that is not set is a prerequisite that is not met', async () => {
    scratch.write('deploy.yaml', GATE);
    const { status, stdout } = await scratch.shell('unset DEPLOY_TOKEN; belay run deploy.yaml');
    expect(status).toBe(1);
    expect(stdout).toContain('environment variable `DEPLOY_TOKEN` is not set');
  });
});

describe('a step that runs belay itself', () => {
  const BELAY = join(import.meta.dirname, '../../bin/belay.js');
  const outer = (flags: string) => `
name: outer
steps:
  - id: nest
    command: "'${process.execPath}' '${BELAY}' run inner.yaml ${flags}"
`;
  const INNER = `
name: inner
steps:
  - id: endless
    command: |
      echo here > started
      sleep 600
`;
  test.each(['', '--detach && sleep 600'])(
    'takes its run along when it is cancelled: belay run %s',
    async (flags) => {
      scratch.write('outer.yaml', outer(flags));
      scratch.write('inner.yaml', INNER);
      const { run_id } = (await scratch.json('run', 'outer.yaml', '--detach')).answer;
      await scratch.shell('until [ -s started ]; do sleep 0.05; done');
      const { answer: history } = await scratch.json('history');
      const inner = history.runs.find(({ workflow }) => workflow === 'inner')!.run_id;
      await scratch.run('cancel', run_id);
      const ended = answerOf(await scratch.run('status', inner, '--watch', '--json'));
      expect(ended).toMatchObject({
        status: 'cancelled',
        parent: { run_id, step: 'nest' },
        reason: expect.stringContaining(run_id),
      });
      expect((await scratch.run('status', inner)).stdout).toContain(`started by step nest of run ${run_id}`);
    },
  );
});

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
