/**
 * Workflows that are killed at every point of their lives. Every shell step writes the name of its attempt to
 * `starts` when it begins, one appended line, so that starts can be counted outside Belay.
 */
import { linkWorkflows, type WorkflowShelf } from '../../src/definition/link-workflows.ts';
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
    shell('three', 'echo {{ two.outputs.n + 1 }}', { outputs: { n: '{{ int(trim(stdout)) }}' } }),
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
    shell('late', 'sleep 30', { timeout: '300ms', on_failure: 'continue' }),
    { id: 'last', type: 'set', values: { code: '{{ late.error.code }}' } },
  ],
  outputs: {
    rounds: '{{ again.outputs.rounds }}',
    attempts: '{{ flaky.attempts }}',
    late: '{{ last.outputs.code }}',
  },
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
  steps: [shell('before'), { id: 'go', type: 'approval', message: 'go on?' }, shell('after', 'sleep 0.02')],
  outputs: { by: '{{ go.status }}' },
};

/** Cancelled from outside as soon as `slow` has begun, which ends after that; nothing new starts. */
const cancelled = {
  name: 'cancelled',
  steps: [
    shell('first'),
    // it gives up after five minutes, so that a test that fails leaves nothing behind that runs for ever; hosts that die
    // young take long on a busy machine until one of them gets to the cancel
    shell('slow', 'n=0; until [ -e go ]; do sleep 0.02; n=$((n + 1)); [ $n -lt 15000 ]; done'),
    shell('never'),
  ],
  cleanup: [shell('wipe')],
};

/** Its inner run works in the same folder and says when its steps start, too. */
const nested = {
  name: 'nested',
  steps: [
    shell('before'),
    { id: 'inside', workflow: 'inner', inputs: { n: '{{ 1 + 1 }}' } },
    shell('after', 'echo {{ inside.outputs.n }}', { outputs: { n: '{{ trim(stdout) }}' } }),
  ],
  outputs: { n: '{{ after.outputs.n }}' },
};
const inner = {
  name: 'inner',
  inputs: { n: { type: 'integer', required: true } },
  steps: [shell('deep', 'sleep 0.02'), shell('deeper')],
  outputs: { n: '{{ inputs.n + 1 }}' },
};

/** What each case comes to, kills or none: steps with their status and the attempts that counted. */
export const CASES = {
  chain: {
    definition: chain,
    status: 'succeeded',
    outputs: { n: '3' },
    steps: {
      one: 'succeeded 1',
      two: 'succeeded 1',
      three: 'succeeded 1',
      four: 'succeeded 1',
      five: 'succeeded 1',
    },
  },
  wide: {
    definition: wide,
    status: 'succeeded',
    outputs: { said: ['a!', 'b!', 'c!', 'd!', 'e!'] },
    steps: {
      side: 'succeeded 0',
      left: 'succeeded 1',
      right: 'succeeded 1',
      middle: 'succeeded 1',
      each: 'succeeded 0',
      'each[0]': 'succeeded 1',
      'each[1]': 'succeeded 1',
      'each[2]': 'succeeded 1',
      'each[3]': 'succeeded 1',
      'each[4]': 'succeeded 1',
      tidy: 'succeeded 1',
    },
  },
  patient: {
    definition: patient,
    status: 'partial',
    outputs: { rounds: 3, attempts: 3, late: 'timeout' },
    steps: {
      flaky: 'succeeded 3',
      nap: 'succeeded 1',
      again: 'succeeded 3',
      'again[0]': 'succeeded 1',
      'again[1]': 'succeeded 1',
      'again[2]': 'succeeded 1',
      late: 'soft_failed 1',
      last: 'succeeded 1',
    },
  },
  failing: {
    definition: failing,
    status: 'failed',
    outputs: { code: 4 },
    steps: {
      soft: 'soft_failed 1',
      bad: 'failed 1',
      never: 'pending 0',
      sweep: 'succeeded 1',
      mop: 'succeeded 1',
    },
  },
  asking: {
    definition: asking,
    status: 'succeeded',
    outputs: { by: 'succeeded' },
    steps: { before: 'succeeded 1', go: 'succeeded 1', after: 'succeeded 1' },
  },
  cancelled: {
    definition: cancelled,
    status: 'cancelled',
    outputs: {},
    steps: { first: 'succeeded 1', slow: 'succeeded 1', never: 'pending 0', wipe: 'succeeded 1' },
  },
  nested: {
    definition: nested,
    status: 'succeeded',
    outputs: { n: '3' },
    steps: { before: 'succeeded 1', inside: 'succeeded 1', after: 'succeeded 1' },
  },
} as const;

export type CaseName = keyof typeof CASES;

export function workflowOf(name: CaseName): Workflow {
  const read = readDefinition({ value: CASES[name].definition }, stepTypes);
  const { workflow, diagnostics } = read.workflow ? linkWorkflows(read.workflow, SHELF) : read;
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return workflow;
}

const SHELF: WorkflowShelf = {
  find: () => readDefinition({ value: inner }, stepTypes),
  names: () => [inner.name],
};
