/** `belay logs` of a run with secrets: in another process, with and without the variable, whole, in part and followed. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
  process.env.BELAY_TEST_TOKEN = 's3cr3t-value';
});
afterEach(() => {
  delete process.env.BELAY_TEST_TOKEN;
  return scratch.end();
});

const TELLS = `
name: tells
secrets: [BELAY_TEST_TOKEN]
steps:
  - id: tell
    command: echo begin; echo "a $BELAY_TEST_TOKEN z"
`;

/** Writes a secret in two parts, the second when a file is there. */
const HALVES = `
name: halves
secrets: [BELAY_TEST_TOKEN]
steps:
  - id: tell
    command: |
      printf 'begin %s' "\${BELAY_TEST_TOKEN%-value}"
      until test -e open; do sleep 0.05; done
      printf '%s end\\n' "-value"
`;

test('a secret in a log is masked', async () => {
  scratch.write('tells.yaml', TELLS);
  const { answer, stdout } = await scratch.json('run', 'tells.yaml');
  expect(stdout).not.toContain('s3cr3t');
  const logs = async (...args: string[]) => (await scratch.run('logs', answer.run_id, ...args)).stdout;
  expect(await logs('tell')).toBe('begin\na *** z\n');
  expect(await logs('tell', '--tail', '1')).toBe('a *** z\n');
  expect(await logs('tell', '-f')).toBe('begin\na *** z\n');
  const { steps } = (await scratch.json('logs', answer.run_id)).answer;
  expect(steps).toMatchObject([{ id: 'tell', log: 'begin\na *** z\n' }]);
});

test('where the variable is missing a line says so in place of the log', async () => {
  scratch.write('tells.yaml', TELLS);
  const { answer } = await scratch.json('run', 'tells.yaml');
  delete process.env.BELAY_TEST_TOKEN;
  const said = /^\(not shown: the log may hold the value of `BELAY_TEST_TOKEN`, and .*; set it .*\.log\)\n$/;
  for (const args of [['tell'], ['tell', '--tail', '1'], ['tell', '-f']]) {
    const { status, stdout } = await scratch.run('logs', answer.run_id, ...args);
    expect([status, stdout]).toEqual([0, expect.stringMatching(said)]);
  }
  const { steps } = (await scratch.json('logs', answer.run_id)).answer;
  expect(steps).toMatchObject([{ id: 'tell', log: expect.stringMatching(said) }]);
});

test('a secret that comes in two parts is masked by who follows', async () => {
  scratch.write('halves.yaml', HALVES);
  const { answer } = await scratch.json('run', 'halves.yaml', '--detach');
  const follower = scratch.start('logs', answer.run_id, 'tell', '--follow');
  await follower.seen('begin ');
  const { steps } = (await scratch.json('logs', answer.run_id)).answer;
  expect(steps).toMatchObject([{ id: 'tell', log: 'begin ' }]);
  scratch.write('open', '');
  expect(await follower.ended).toEqual({ status: 0, stdout: 'begin *** end\n', stderr: '' });
});
