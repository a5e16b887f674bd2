/**
 * Records the journals that later releases must still be able to read: run it once for a release, with its version.
 * `node test/replay/record.ts 0.1.0` writes `test/replay/0.1.0/<name>.json`; recorded files are never made anew.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchBelay } from '../fixtures/scratch-belay.ts';
import { summary } from './summary.ts';

const definitions: { readonly [name: string]: object } = {
  succeeded: {
    name: 'recorded-success',
    inputs: { names: { type: 'array', default: ['a', 'b', 'c'] } },
    outputs: { last: '{{ steps.again.outputs.n }}' },
    steps: [
      {
        id: 'greet',
        foreach: 'inputs.names',
        max_parallel: 2,
        command: 'echo hello {{ item }}',
        outputs: { said: '{{ trim(stdout) }}' },
      },
      {
        id: 'both',
        parallel: [
          { id: 'left', type: 'set', values: { size: '{{ size(inputs.names) }}' } },
          { id: 'right', command: 'exit 7', on_failure: 'continue', retry: { attempts: 2, delay: '1ms' } },
        ],
      },
      { id: 'never', when: 'left.outputs.size > 3', command: 'false' },
      { id: 'again', type: 'set', repeat: { until: 'outputs.n == 3', max: 3 }, values: { n: 3 } },
      { id: 'nap', type: 'wait', for: '1ms' },
    ],
    cleanup: [{ id: 'tidy', command: 'true' }],
  },
  failed: {
    name: 'recorded-failure',
    steps: [
      { id: 'group', steps: [{ id: 'inner', command: 'echo why >&2; exit 3' }] },
      { id: 'after', command: 'true' },
    ],
  },
  waiting: { name: 'recorded-question', steps: [{ id: 'go', type: 'approval', message: 'Go?' }] },
};

const [version] = process.argv.slice(2);
if (version === undefined) throw new Error('say which version is recorded: node test/replay/record.ts 0.1.0');
const folder = join(import.meta.dirname, version);
mkdirSync(folder, { recursive: true });
const scratch = scratchBelay();
for (const [name, definition] of Object.entries(definitions)) {
  const answer = await scratch.call('workflow_execute', { definition, wait_seconds: 60 });
  const view = answer.kind === 'ask' ? answer.otherwise : answer;
  if (view.kind !== 'done') throw new Error(JSON.stringify(view));
  const read = scratch.belay.journal.read(String(view.structured.run_id));
  if (!read.ok) throw new Error(read.error.message);
  // where it was recorded is nobody's business, and no part of what is promised
  const events = JSON.parse(
    JSON.stringify(read.value).replaceAll(scratch.folder, '/scratch'),
  ) as typeof read.value;
  for (const { event } of events)
    if (event.type === 'run.created') Object.assign(event, { env: { PATH: '/usr/bin:/bin' } });
  writeFileSync(
    join(folder, `${name}.json`),
    `${JSON.stringify({ expected: summary(events), events }, null, 1)}\n`,
  );
}
scratch.close();
