/**
 * Tools of the conformance suite that work for a while: each is a workflow under the name that the suite wants, called by the
 * product's own `workflow_execute`, so that its tasks are runs like all others.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { JsonObject } from '../../src/engine/core/model.ts';
import type { Scratch } from '../fixtures/scratch-belay.ts';

interface TaskCall {
  readonly properties?: JsonObject;
  /** Without the tasks extension it cannot be answered. */
  readonly isRequired?: true;
  /** What its run fails with is what the tool fails with. */
  readonly isErrorOnFailure?: true;
  /** What becomes of its run as soon as it has ended. */
  afterwards?(scratch: Scratch, runId: string): Promise<void>;
  definition(given: { readonly [argument: string]: unknown }): JsonObject;
}

const confirm = (id: string): JsonObject => ({
  id,
  type: 'input',
  needs: [],
  message: `Go on with ${id}?`,
  fields: { name: { type: 'string', default: 'nobody' }, confirm: { type: 'boolean' } },
});

/** Nothing that the protocol knows of can go wrong in a run; a journal that somebody has written into can. */
async function damage(scratch: Scratch, runId: string): Promise<void> {
  await scratch.until(runId, ({ status }) => status === 'succeeded');
  const database = new DatabaseSync(join(scratch.folder, 'home', 'belay.db'));
  database.prepare(`UPDATE events SET payload = '{}' WHERE run_id = ? AND seq = 2`).run(runId);
  database.close();
}

export const taskCalls: { readonly [name: string]: TaskCall } = {
  slow_compute: {
    properties: { seconds: { type: 'number' }, label: { type: 'string' } },
    definition: ({ seconds }) => ({
      name: 'slow-compute',
      steps: [{ id: 'compute', command: `sleep ${Number(seconds)}; echo computed` }],
    }),
  },
  failing_job: {
    isRequired: true,
    isErrorOnFailure: true,
    definition: () => ({ name: 'failing-job', steps: [{ id: 'fail', command: 'exit 1' }] }),
  },
  protocol_error_job: {
    afterwards: damage,
    definition: () => ({ name: 'protocol-error', steps: [{ id: 'work', command: 'true' }] }),
  },
  confirm_delete: {
    properties: { filename: { type: 'string' } },
    definition: () => ({ name: 'confirm-delete', steps: [confirm('delete')] }),
  },
  multi_input: { definition: () => ({ name: 'multi-input', steps: [confirm('one'), confirm('two')] }) },
  test_tool_with_task: {
    definition: () => ({
      name: 'greet-slowly',
      inputs: { name: { type: 'string', required: true } },
      outputs: { greeting: 'Hello, {{ inputs.name }}' },
      steps: [{ id: 'greet', command: 'echo {{ inputs.name }}' }],
    }),
  },
};
