/**
 * Open questions for agents across runs: the pool from which any connected agent takes its work.
 * Owns who sees what, in which order, and how far it looks; a run that has not changed is not read again while waiting.
 */

import { claimOfOther } from '../engine/core/answerers.ts';
import { lackingCapabilities } from '../engine/core/capability.ts';
import type { QuestionState, RunState } from '../engine/core/state.ts';
import { loadRun } from '../engine/host/load-run.ts';
import {
  cutText,
  firstWithin,
  LIST_BYTES_MAX,
  PROMPT_BYTES_MAX,
  QUESTIONS_SHOWN_MAX,
} from './answer-budget.ts';
import { done } from './answers.ts';
import { openQuestions } from './open-questions.ts';
import { isFor } from './question-rules.ts';
import { questionView } from './question-view.ts';
import type { RunView } from './run-view-schema.ts';
import type { ToolContext, ToolResult } from './tool.ts';

/** Waiting runs that are looked at, the newest ones. */
const RUNS_MAX = 200;
const CAPABILITIES_SHOWN_MAX = 20;

interface Pool {
  readonly free: readonly (readonly [RunState, QuestionState])[];
  /** Others work on them. */
  readonly claimed: number;
  /** Wanted by those that are left out because the caller has not said that it has them. */
  readonly lacking: ReadonlySet<string>;
  readonly isWhole: boolean;
}

type Seen = Map<string, { readonly seq: number; readonly run: RunState }>;

/**
 * Answers as soon as there is a free question, or when the time is over.
 * @param capabilities what the caller can do: questions that want more are left out
 */
export async function listQuestions(
  context: ToolContext,
  waitSeconds: number,
  capabilities: readonly string[],
): Promise<ToolResult> {
  const { belay, signal } = context;
  const untilMs = Date.now() + waitSeconds * 1_000;
  const seen: Seen = new Map();
  let pool = poolOf(context, seen, capabilities);
  while (pool.free.length === 0 && Date.now() < untilMs && !signal.aborted) {
    await belay.changes.next(untilMs, signal);
    pool = poolOf(context, seen, capabilities);
  }
  return answerOf(pool, capabilities, belay.clock.now());
}

function poolOf(context: ToolContext, seen: Seen, capabilities: readonly string[]): Pool {
  const { journal, clock } = context.belay;
  const page = journal.runs({ status: 'waiting', limit: RUNS_MAX });
  const free: (readonly [RunState, QuestionState])[] = [];
  const lacking = new Set<string>();
  let claimed = 0;
  for (const row of page.runs) {
    const run = runAt(context, seen, row.runId, row.seq);
    for (const question of run ? openQuestions(run) : []) {
      if (!run || question.askedOf !== 'agent' || !isFor(context, run, question)) continue;
      const isOwn = question.claim?.by === context.caller;
      const lacked = isOwn ? [] : lackingCapabilities(question.answerers, capabilities);
      for (const name of lacked) lacking.add(name);
      if (claimOfOther(question, context.caller, clock.now())) claimed += 1;
      else if (lacked.length === 0) free.push([run, question]);
    }
  }
  free.sort(([, a], [, b]) => a.askedAt - b.askedAt);
  return { free, claimed, lacking, isWhole: page.nextCursor === undefined };
}

function runAt({ belay }: ToolContext, seen: Seen, runId: string, seq: number): RunState | undefined {
  const known = seen.get(runId);
  if (known?.seq === seq) return known.run;
  const loaded = loadRun(belay.journal, runId);
  // a damaged run is told of by its own status, and by `belay doctor`
  if (!loaded.ok) return undefined;
  seen.set(runId, { seq: loaded.value.seq, run: loaded.value });
  return loaded.value;
}

function answerOf(
  { free, claimed, lacking, isWhole }: Pool,
  capabilities: readonly string[],
  nowMs: number,
): ToolResult {
  const views = free.slice(0, QUESTIONS_SHOWN_MAX).map(([run, question]) => listed(run, question, nowMs));
  const questions = firstWithin(views, LIST_BYTES_MAX);
  const left = free.length - questions.length;
  const warnings = [
    ...(left > 0 ? [`${left} more questions are not shown; they follow when these are answered`] : []),
    ...(claimed > 0 ? [`${claimed} more ${claimed === 1 ? 'is' : 'are'} claimed by others`] : []),
    ...(lacking.size > 0 ? [`others want capabilities that were not stated: ${shown(lacking)}`] : []),
    ...(isWhole ? [] : [`only the newest ${RUNS_MAX} waiting runs were looked at`]),
  ];
  const [first] = questions;
  const next: RunView['next'] = first
    ? [
        {
          tool: 'workflow_answer',
          arguments: {
            run_id: first.run_id ?? '',
            question_id: first.question_id,
            claim: true,
            ...(first.capabilities && { capabilities: [...capabilities] }),
          },
          why: 'claim the question that has waited longest, then work on it and answer it',
        },
      ]
    : [];
  const lines = questions.map(({ run_id, question_id, prompt }) => `${run_id} ${question_id}: ${prompt}`);
  const text = [...(lines.length > 0 ? lines : ['no open questions for agents']), ...warnings].join('\n');
  return done({ questions, warnings, next } as never, text);
}

function shown(names: ReadonlySet<string>): string {
  const some = [...names].slice(0, CAPABILITIES_SHOWN_MAX).map((name) => `\`${name}\``);
  return `${some.join(', ')}${names.size > some.length ? ` and ${names.size - some.length} more` : ''}`;
}

function listed(run: RunState, question: QuestionState, nowMs: number): RunView['questions'][number] {
  const view = questionView(run, question, { nowMs });
  const whole = `workflow_status of run ${run.runId} shows the whole`;
  return {
    run_id: run.runId,
    workflow: run.workflow.name,
    ...view,
    prompt: cutText(view.prompt, PROMPT_BYTES_MAX, whole),
    ...(view.context !== undefined && { context: cutText(view.context, PROMPT_BYTES_MAX, whole) }),
  };
}
