/**
 * Whether a person sees what a rollback does before it starts, and the form that shows it.
 * 1. A person who asks for it themselves is not asked again.
 * 2. Where nobody can be asked it goes ahead, unless the workflow or the call says `always`: then it is refused.
 * 3. What was approved is what is done: a plan that has changed meanwhile is shown again.
 */
import { createHash } from 'node:crypto';
import type { ConfirmPolicy } from '../engine/core/model.ts';
import type { RunState } from '../engine/core/state.ts';
import type { PlanLine } from '../engine/host/plan-unwind.ts';
import { PROMPT_BYTES_MAX } from './answer-budget.ts';
import { failed } from './answers.ts';
import { isDestructive, isMoving, planJson } from './rollback-plan.ts';
import { rollbackText } from './rollback-text.ts';
import type { FormResponse, ToolAnswer, ToolContext, ToolResult } from './tool.ts';

export interface PlannedRollback {
  readonly run: RunState;
  readonly lines: readonly PlanLine[];
  /** `roll back run … with strategy graceful` */
  readonly what: string;
  /** Of the call. */
  readonly confirm?: ConfirmPolicy | undefined;
  /** Nothing is changed by it, whatever the plan says. */
  readonly harmless: boolean;
}

/** Names the form, and its one field. */
const CONFIRM = 'confirm';

/** The form or the error that stands before the rollback; undefined when it may start. */
export function confirmation(context: ToolContext, planned: PlannedRollback): ToolAnswer | undefined {
  const policy = policyOf(planned);
  const isWanted =
    policy === 'always' ||
    (policy === 'destructive' && !planned.harmless && isDestructive(planned.lines, isMoving(planned.run)));
  if (!isWanted || context.human) return undefined;
  if (context.canAsk) return form(planned);
  return policy === 'always' ? confirmationNeeded(planned) : undefined;
}

/** From lax to strict. */
const POLICIES: readonly ConfirmPolicy[] = ['never', 'destructive', 'always'];

/** The call may be stricter than the workflow, never laxer: who calls is who would be held up. */
function policyOf({ run, confirm = 'never' }: PlannedRollback): ConfirmPolicy {
  const { confirmRollback = 'destructive' } = run.workflow;
  return POLICIES.indexOf(confirm) > POLICIES.indexOf(confirmRollback) ? confirm : confirmRollback;
}

function form(planned: PlannedRollback): ToolAnswer {
  const { run, lines, what } = planned;
  const head = `${what[0]?.toUpperCase()}${what.slice(1)}?\n`;
  const field = { type: 'boolean', title: 'Roll back', description: 'true: do what is listed here' };
  return {
    kind: 'ask',
    asks: [
      {
        id: CONFIRM,
        message: `${head}${rollbackText(lines, run.cwd, PROMPT_BYTES_MAX - Buffer.byteLength(head))}`,
        schema: { type: 'object', properties: { [CONFIRM]: field }, required: [CONFIRM] },
      },
    ],
    state: { plan: digestOf(lines) },
    otherwise: confirmationNeeded(planned),
  };
}

/** The plan that is asked about, without what only shows it. */
export const digestOf = (lines: readonly PlanLine[]): string =>
  createHash('sha256')
    .update(JSON.stringify(planJson(lines)))
    .digest('hex');

export const isConfirmed = (responses: { readonly [ask: string]: FormResponse }): boolean =>
  responses[CONFIRM]?.action === 'accept' && responses[CONFIRM].content?.[CONFIRM] === true;

export const declined = (): ToolResult =>
  failed({
    code: 'declined',
    message: 'the person did not agree to the rollback; nothing was changed',
    hint: 'ask them what to do instead; `dry_run: true` shows the plan again',
  });

const confirmationNeeded = ({ run, lines, what }: PlannedRollback): ToolResult =>
  failed({
    code: 'confirmation_needed',
    message: `a person has to agree before anybody may ${what}; nothing was changed`,
    hint: `let a person run \`belay rollback ${run.runId}\` on a terminal; a workflow that needs nobody's word says \`rollback: {confirm: never}\``,
    data: planJson(lines),
  });
