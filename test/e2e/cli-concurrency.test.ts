/** Concurrency groups between real programs: each session drives its own run, and one goes after the other. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Answer, Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.end());

const DEPLOY = `
name: deploy
inputs: { name: { type: string, required: true } }
concurrency: { group: deploy }
steps:
  - id: go
    command: |
      echo "{{ inputs.name }} in" >> said
      until [ -e "open-{{ inputs.name }}" ]; do sleep 0.05; done
      echo "{{ inputs.name }} out" >> said
`;

const until = (condition: string) => scratch.shell(`until ${condition}; do sleep 0.05; done`);
/** As soon as it is there. */
const killBackgroundHost = () =>
  scratch.shell(`
    until [ -n "$pid" ]; do
      for each in /proc/[0-9]*; do
        case $(tr '\\0' ' ' 2> /dev/null < $each/cmdline) in *"belay.js host --home ${scratch.home} "*) pid=\${each#/proc/} ;; esac
      done
      sleep 0.05
    done
    kill -9 $pid`);
const said = () => scratch.read('said').trim().split('\n');
const runs = async (): Promise<readonly (Answer & { readonly reason?: string })[]> =>
  (await scratch.json('history')).answer.runs as never;

test('the session that has the group is killed: its step lives on, its run ends, and the next one goes after it', async () => {
  scratch.write('deploy.yaml', DEPLOY);
  const first = scratch.start('run', 'deploy.yaml', '-i', 'name=a');
  await until('grep -qs "a in" said');
  const second = scratch.start('run', 'deploy.yaml', '-i', 'name=b', '--json');
  await until('[ "$(belay history --json | grep -c run_id)" = 2 ]');
  const [newest, oldest] = await runs();
  expect([newest?.status, oldest?.status]).toEqual(['queued', 'running']);
  const waiting = await scratch.json('status', newest?.run_id ?? '');
  expect((waiting.answer as { reason?: string }).reason).toContain(`waits for run ${oldest?.run_id}`);

  first.child.kill('SIGKILL');
  await first.ended;
  scratch.write('open-a', '');
  scratch.write('open-b', '');
  expect((await second.ended).status).toBe(0);
  expect(said()).toEqual(['a in', 'a out', 'b in', 'b out']);
  expect((await runs()).map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
});

test('the session whose run ends leaves nobody behind who waits for the group', async () => {
  scratch.write('deploy.yaml', DEPLOY);
  const first = scratch.start('run', 'deploy.yaml', '-i', 'name=a');
  await until('grep -qs "a in" said');
  await scratch.run('run', 'deploy.yaml', '-i', 'name=b', '--priority', '5', '--detach');
  await killBackgroundHost();
  scratch.write('open-b', '');
  scratch.write('open-a', '');
  expect((await first.ended).status).toBe(0);
  await until('grep -q "b out" said');
  expect(said()).toEqual(['a in', 'a out', 'b in', 'b out']);
});

test('a priority has its bounds', async () => {
  scratch.write('deploy.yaml', DEPLOY);
  const refused = await scratch.run('run', 'deploy.yaml', '-i', 'name=a', '--priority', '11');
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('from -10 to 10') });
});
