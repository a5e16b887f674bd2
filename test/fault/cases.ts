/**
 * Workflows that are killed at every point of their lives. Every shell step writes the name of its attempt to
 * `starts` when it begins, one appended line, so that starts can be counted outside Belay.
 */
import { readDefinition } from '../../src/definition/read-definition.ts';
import type { Workflow } from '../../src/engine/core/model.ts';
import { stepTypes } from '../../src/steps/catalogue.ts';

const START = 'echo "$BELAY_ATTEMPT" >> starts';

const shell = (id: string, command = 'true', more: object = {}): object => ({
  id,
  command: `${START}\n${command}`,
  ...more,
});

const chain = {
  name: 'chain',
  steps: [
    shell('one', 'sleep 0.02; echo 1', { outputs: { n: '{{ int(trim(stdout)) }}' } }),
    { id: 'two', type: 'set', values: { n: '{{ one.outputs.n + 1 }}' } },
    shell('three', 'n={{ two.outputs.n }}; echo $(( n + 1 ))', { outputs: { n: '{{ int(trim(stdout)) }}' } }),
    { id: 'four', type: 'assert', that: 'three.outputs.n == 3' },
    shell('five', 'sleep 0.02; echo "{{ three.outputs.n }}"', { outputs: { n: '{{ trim(stdout) }}' } }),
  ],
  outputs: { n: '{{ five.outputs.n }}' },
};

const wide = {
  name: 'wide',
  steps: [
    { id: 'side', parallel: [shell('left', 'sleep 0.03'), shell('right'), shell('middle', 'sleep 0.01')] },
    shell('each', 'sleep 0.01; echo "{{ item }}!"', {
      foreach: ['a', 'b', 'c', 'd', 'e'],
      max_parallel: 2,
      outputs: { said: '{{ trim(stdout) }}' },
    }),
  ],
  outputs: { said: '{{ each.results.map(r, r.outputs.said) }}' },
  cleanup: [shell('tidy')],
};

const patient = {
  name: 'patient',
  steps: [
    shell('flaky', 'echo x >> tries; [ "$(wc -l < tries)" -ge 3 ]', {
      retry: { attempts: 3, delay: '30ms', jitter: 0 },
    }),
    { id: 'nap', type: 'wait', for: '50ms' },
    shell('again', 'echo x >> rounds; wc -l < rounds', {
      repeat: { until: 'int(trim(stdout)) >= 3', max: 5, delay: '20ms' },
      outputs: { rounds: '{{ int(trim(stdout)) }}' },
    }),
    shell('late', 'sleep 30', { timeout: '150ms', on_failure: 'continue' }),
    { id: 'last', type: 'set', values: { code: '{{ late.error.code }}' } },
  ],
  outputs: { rounds: '{{ again.outputs.rounds }}', attempts: '{{ flaky.attempts }}', late: '{{ last.outputs.code }}' },
};

const failing = {
  name: 'failing',
  steps: [
    shell('soft', 'exit 4', { on_failure: 'continue' }),
    shell('bad', 'sleep 0.02; exit 3'),
    shell('never'),
  ],
  outputs: { code: '{{ soft.exit_code }}' },
  cleanup: [shell('sweep', 'sleep 0.02'), shell('mop')],
};

const asking = {
  name: 'asking',
  steps: [
    shell('before'),
    { id: 'go', type: 'approval', message: 'go on?' },
    shell('after', 'sleep 0.02'),
  ],
  outputs: { by: '{{ go.status }}' },
};

/** Cancelled from outside as soon as `slow` has begun; what runs may finish, nothing new starts. */
const cancelled = {
  name: 'cancelled',
  steps: [shell('first'), shell('slow', 'sleep 0.1'), shell('never')],
  cleanup: [shell('wipe')],
};

/** What each case comes to, kills or none. */
export const CASES = {
  chain: { definition: chain, status: 'succeeded', outputs: { n: '3' } },
  wide: { definition: wide, status: 'succeeded', outputs: { said: ['a!', 'b!', 'c!', 'd!', 'e!'] } },
  patient: {
    definition: patient,
    status: 'partial',
    outputs: { rounds: 3, attempts: 3, late: 'timeout' },
  },
  failing: { definition: failing, status: 'failed', outputs: { code: 4 } },
  asking: { definition: asking, status: 'succeeded', outputs: { by: 'succeeded' } },
  cancelled: { definition: cancelled, status: 'cancelled', outputs: {} },
} as const;

export type CaseName = keyof typeof CASES;

export function workflowOf(name: CaseName): Workflow {
  const { workflow, diagnostics } = readDefinition({ value: CASES[name].definition }, stepTypes);
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return workflow;
}
