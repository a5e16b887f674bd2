/**
 * `workflow`: another workflow does the work, as a run of its own that is linked to this one. Cancel and rollback go
 * through to it. Owns what is passed in and what comes out; the host begins, follows and takes back the run.
 */
import { resolve } from 'node:path';
import * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { InnerRunEnd, Outcome, StepContext, StepType } from '../engine/core/step-type.ts';

const schema = z.strictObject({
  workflow: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected the name of a workflow, as it stands in its definition')
    .describe('Name of the workflow; taken up with this one when the run is created'),
  inputs: z.record(z.string(), z.json()).optional().describe('Its inputs; may hold {{ }}'),
  cwd: z.string().optional().describe('Where it runs; the directory of this run unless said'),
});

export const workflowStep: StepType<z.ZodObject> = {
  type: 'workflow',
  summary: 'Run another workflow',
  schema,
  fields: { workflow: 'literal', inputs: 'template', cwd: 'template' },
  // the loader knows better when it has read the workflow
  effects: 'workspace',
  undoesItself: true,

  begin(context) {
    const { config } = context.step;
    if (config.workflow === undefined) return ok({ kind: 'roll_back' });
    const { workflow, inputs = {}, cwd = '.' } = schema.parse(config);
    const rendered = context.render(inputs);
    if (!rendered.ok) return rendered;
    const folder = context.renderText(cwd);
    if (!folder.ok) return folder;
    return ok({
      kind: 'run',
      workflow,
      inputs: rendered.value as JsonObject,
      cwd: resolve(context.cwd, folder.value),
    });
  },

  ran(context, end) {
    return context.step.config.workflow === undefined ? takenBack(end) : ended(context, end);
  },

  plan(context) {
    const { workflow } = context.step.config;
    if (workflow === undefined) return { does: 'rolls back the run that it started' };
    const begun = this.begin(context);
    const unknown = begun.ok ? {} : { unknown: begun.error.message };
    return { does: `runs workflow \`${workflow}\` as a run of its own`, ...unknown };
  },
};

function ended({ key }: StepContext, end: InnerRunEnd): Outcome {
  const { runId: run_id, status, reason = status, outputs } = end;
  const names = { run_id, status };
  if (status === 'succeeded') return { ok: true, outputs, names };
  if (status === 'partial') return { ok: true, outputs, names, warnings: [`run ${run_id}: ${reason}`] };
  const isCancelled = status === 'cancelled';
  return {
    ok: false,
    outputs,
    failure: {
      code: isCancelled ? 'cancelled' : 'run_failed',
      retry: isCancelled || status === 'stuck' ? 'final' : 'again',
      message: isCancelled
        ? `the run of step \`${key}\` was cancelled: ${reason}`
        : `run ${run_id}: ${reason}`,
      hint: `workflow_status shows run ${run_id}`,
      data: { run_id, status },
    },
  };
}

function takenBack({ runId: run_id, status, reason = status }: InnerRunEnd): Outcome {
  if (status === 'rolled_back') return { ok: true };
  return {
    ok: false,
    failure: {
      code: 'run_failed',
      retry: 'final',
      message: `run ${run_id} could not be rolled back: ${reason}`,
      hint: `workflow_status shows run ${run_id}; rolled back itself, this rollback can be asked for again`,
      data: { run_id, status },
    },
  };
}
