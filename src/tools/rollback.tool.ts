/**
 * workflow_rollback: takes a run back, or brings the files back to before the last rollback.
 * Owns the order of checks before anything is asked of the run: what fits it, the plan, conflicts, a person's word.
 */
import { z } from 'zod';
import type { RestorePlan } from '../checkpoint/snapshot.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { RunState } from '../engine/core/state.ts';
import { loadRun } from '../engine/host/load-run.ts';
import { request } from '../engine/host/run-requests.ts';
import { isAbandoned, otherWish } from './abandoned-rollback.ts';
import { TEXT_BYTES_MAX } from './answer-budget.ts';
import { failed, refusedRequest } from './answers.ts';
import { confirmation, declined, digestOf, isConfirmed, type PlannedRollback } from './confirm-rollback.ts';
import { continueRun, showRun } from './follow-run.ts';
import { requester } from './requester.ts';
import { DIFF_BYTES_MAX, diffOf, planJson, planRollback } from './rollback-plan.ts';
import { conflictsNow, lostProblem, openConflicts } from './rollback-problems.ts';
import {
  confirmPolicySchema,
  conflictPolicySchema,
  rollbackLineSchema,
  strategySchema,
} from './rollback-schema.ts';
import { rollbackText } from './rollback-text.ts';
import { type RollbackWish, requestedEvent, rollbackWish } from './rollback-wish.ts';
import { runViewSchema } from './run-view-schema.ts';
import { hostProblem } from './storage-problem.ts';
import type { Tool, ToolAnswer, ToolContext, ToolError, ToolResult } from './tool.ts';
import { planRescue, undoRollback } from './undo-rollback.ts';
import { WAIT_SECONDS_MAX } from './wait-for-run.ts';

const WAIT_SECONDS = 20;

const input = z.strictObject({
  run_id: z.string(),
  strategy: strategySchema
    .optional()
    .describe(
      'immediate: end what runs, then undo; graceful: let it end first; checkpoint: back to a checkpoint, then paused; manual: change nothing, give instructions to tick off',
    ),
  checkpoint: z
    .string()
    .optional()
    .describe('with strategy checkpoint: where to go back to; the latest unless said'),
  dry_run: z.boolean().optional().describe('show the plan and a diff of the files; nothing is touched'),
  on_conflict: conflictPolicySchema
    .optional()
    .describe('files that others changed since: stop (unless said), keep theirs, or overwrite'),
  confirm: confirmPolicySchema
    .optional()
    .describe(
      'when the person is shown the plan first: may be stricter than what the workflow says, never laxer',
    ),
  reason: z.string().max(2_000).optional(),
  undo: z
    .boolean()
    .optional()
    .describe('bring the files back to what they were before the last rollback; takes no strategy'),
  wait_seconds: z.number().min(0).max(WAIT_SECONDS_MAX).optional(),
});

type Input = z.output<typeof input>;

/** A rollback that fits the run. */
interface Prepared {
  readonly planned: PlannedRollback;
  readonly conflicts: RestorePlan['conflicts'];
  perform(): Promise<ToolAnswer>;
}

export const rollbackTool: Tool<typeof input> = {
  name: 'workflow_rollback',
  title: 'Take a run back',
  description:
    'Takes a run back, last step first: undo commands run, files go back to their checkpoints, and what cannot be taken ' +
    'back is named. dry_run shows the plan and a diff. With strategy checkpoint the run is paused there and workflow_resume ' +
    'goes on. Files that others have changed since are left alone unless on_conflict says otherwise.',
  input,
  output: runViewSchema.omit({ plan: true }).extend({
    plan: z.array(rollbackLineSchema).optional(),
    diff: z.string().optional(),
    diff_cut: z.boolean().optional(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },

  run: (context, args) => rollBack(context, args),

  async resume(context, args, state, responses) {
    if (typeof state.run_id === 'string')
      return continueRun(context, state.run_id, responses, waitSeconds(args));
    return isConfirmed(responses) ? rollBack(context, args, String(state.plan)) : declined();
  },
};

const waitSeconds = (args: Input): number => args.wait_seconds ?? WAIT_SECONDS;

/** @param agreed digest of the plan that a person has agreed to */
async function rollBack(context: ToolContext, args: Input, agreed?: string): Promise<ToolAnswer> {
  const problem = args.dry_run ? undefined : hostProblem(context.belay, 'the run was not rolled back');
  if (problem) return problem;
  const loaded = loadRun(context.belay.journal, args.run_id);
  if (!loaded.ok) return refusedRequest(context.belay, args.run_id, loaded.error);
  if (!args.undo && !args.dry_run && isAbandoned(context.belay, loaded.value))
    return takeOver(context, loaded.value, args);
  const prepared = await (args.undo ? prepareUndo : prepare)(context, loaded.value, args);
  if (!prepared.ok) return failed(prepared.error);
  const { planned, conflicts, perform } = prepared.value;
  if (args.dry_run) return dryRun(context, planned);
  const refused = lostProblem(planned) ?? openConflicts(planned, conflicts, args);
  if (refused) return failed(refused);
  if (agreed !== digestOf(planned.lines)) {
    // a person who has agreed to another plan has not agreed to this one
    const asking = agreed === undefined ? context : { ...context, human: false };
    const asked = confirmation(asking, planned);
    if (asked) return asked;
  }
  return perform();
}

/** What was asked for then is what goes on. */
function takeOver(context: ToolContext, run: RunState, args: Input): Promise<ToolAnswer> {
  context.belay.host?.kick(run.runId);
  const warnings = otherWish(run, args);
  return showRun(context, run.runId, { waitSeconds: waitSeconds(args), asks: true, warnings });
}

async function prepare(
  context: ToolContext,
  run: RunState,
  args: Input,
): Promise<Result<Prepared, ToolError>> {
  const wish = rollbackWish(run, args);
  if (!wish.ok) return wish;
  const { strategy, target } = wish.value;
  const diffBytes = args.dry_run ? DIFF_BYTES_MAX : 0;
  const lines = await planRollback(context.belay, run, target, diffBytes);
  const to = target ? `checkpoint \`${target.id}\`` : `strategy ${strategy}`;
  const what = `roll back run \`${run.runId}\` of ${run.workflow.name} ${target ? 'to' : 'with'} ${to}`;
  return ok({
    planned: { run, lines, what, confirm: args.confirm, harmless: strategy === 'manual' },
    conflicts: conflictsNow(run, lines),
    perform: () => ask(context, args, wish.value, lines),
  });
}

async function prepareUndo(
  context: ToolContext,
  run: RunState,
  args: Input,
): Promise<Result<Prepared, ToolError>> {
  if (args.strategy !== undefined || args.checkpoint !== undefined) return err(undoAlone);
  const planned = await planRescue(context, run, args.dry_run ? DIFF_BYTES_MAX : 0);
  if (!planned.ok) return planned;
  const { lines, files } = planned.value;
  const found = conflictsNow(run, lines);
  // what an interrupted restore has left half-way is nobody else's change
  const conflicts = files.operation === undefined ? found : { ...found, count: 0 };
  const what = `bring the files of run \`${run.runId}\` back to what they were before its rollback`;
  return ok({
    planned: { run, lines, what, confirm: args.confirm, harmless: false },
    conflicts,
    perform: () =>
      undoRollback(context, run, planned.value, args.on_conflict === 'keep' ? conflicts.list : undefined),
  });
}

const undoAlone: ToolError = {
  code: 'invalid_input',
  message: '`undo` takes back the last rollback as a whole, found `strategy` or `checkpoint` with it',
  hint: 'leave them out; `on_conflict` and `dry_run` go with it',
};

/** Records the wish and stays with the run for a while. */
async function ask(
  context: ToolContext,
  args: Input,
  planned: RollbackWish,
  lines: PlannedRollback['lines'],
): Promise<ToolAnswer> {
  const { belay } = context;
  const requested = request<ToolError>(requester(context), args.run_id, (run) => {
    const wish = rollbackWish(run, { ...args, ...(planned.target && { checkpoint: planned.target.id }) });
    return wish.ok ? ok(requestedEvent(wish.value, context.caller)) : wish;
  });
  if (!requested.ok) {
    const { error } = requested;
    return 'hint' in error ? failed(error) : refusedRequest(belay, args.run_id, error as never);
  }
  belay.host?.kick(args.run_id);
  return showRun(context, args.run_id, {
    waitSeconds: waitSeconds(args),
    asks: true,
    besides: planJson(lines),
  });
}

async function dryRun(context: ToolContext, { run, lines, what }: PlannedRollback): Promise<ToolAnswer> {
  const besides: JsonObject = { dry_run: true, ...planJson(lines), ...diffOf(lines) };
  const head = `dry run, nothing was touched: this would ${what}\n`;
  const text = `${head}${rollbackText(lines, run.cwd, TEXT_BYTES_MAX - Buffer.byteLength(head))}`;
  const shown = await showRun(context, run.runId, { waitSeconds: 0, besides });
  return shown.kind === 'done' ? ({ ...shown, text } satisfies ToolResult) : shown;
}
