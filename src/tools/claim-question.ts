/**
 * Claims of questions for agents: one of many takes a question for a time, prolongs that, or gives it back.
 * Two clients of one name cannot be told apart: who has claimed is asked to `renew`, so that the other one notices.
 */

import { z } from 'zod';
import { CAPABILITY, CAPABILITY_EXPECTED } from '../engine/core/capability.ts';
import type { Event } from '../engine/core/events.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import { CAPABILITIES_MAX, CLAIM_MS_USUAL } from '../engine/core/limits.ts';
import type { QuestionState, RunState } from '../engine/core/state.ts';
import { callerProblem, capabilityProblem, claimedBy, findOpen } from './question-rules.ts';
import type { ToolContext, ToolError } from './tool.ts';

/** As an argument of a tool. */
export const capabilitiesInput = z
  .array(z.string().regex(CAPABILITY, CAPABILITY_EXPECTED))
  .max(CAPABILITIES_MAX)
  .optional();

export interface ClaimTerms {
  readonly leaseMs?: number | undefined;
  /** What the caller says it can do. */
  readonly capabilities?: readonly string[] | undefined;
}

export type ClaimAct = 'claim' | 'renew' | 'release';

/** The event that records it, for the run as it is. */
export function claimEvent(
  context: ToolContext,
  run: RunState,
  id: string,
  act: ClaimAct,
  { leaseMs = CLAIM_MS_USUAL, capabilities = [] }: ClaimTerms = {},
): Result<Event, ToolError> {
  const question = findOpen(context, run, id);
  if ('code' in question) return err(question);
  const problem =
    claimable(question) ??
    callerProblem(context, run, question) ??
    held(context, question, act) ??
    (act === 'claim' ? capabilityProblem(question, capabilities) : undefined);
  if (problem) return err(problem);
  const by = context.caller;
  if (act === 'release') return ok({ type: 'question.released', question: id, by });
  const until = context.belay.clock.now() + leaseMs;
  const stated = question.answerers?.capabilities && { capabilities };
  return ok({ type: 'question.claimed', question: id, by, until, ...stated });
}

const claimable = ({ id, askedOf }: QuestionState): ToolError | undefined =>
  askedOf === 'agent'
    ? undefined
    : {
        code: 'human_required',
        message: `question \`${id}\` is for a person; only those for agents are claimed`,
        hint: 'tell the person, and wait',
      };

/** Claims that are the caller's own, or are over. */
function held(context: ToolContext, question: QuestionState, act: ClaimAct): ToolError | undefined {
  const { id, claim } = question;
  const isOwn = claim?.by === context.caller && claim.until > context.belay.clock.now();
  if (act === 'claim') {
    const hint = 'if that was you, work on, and prolong it with `renew: true`; else take another question';
    return isOwn ? { ...claimedBy(id, claim), hint } : undefined;
  }
  if (isOwn) return undefined;
  return {
    code: 'not_claimed',
    message: `question \`${id}\` is not claimed by \`${context.caller}\``,
    hint: 'the time of a claim may be over: claim it again with `claim: true`',
  };
}
