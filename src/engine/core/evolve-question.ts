/**
 * Question events of the transition table: asked by a step, claimed and approved on the way, answered or expired once.
 * 1. Where several people have to approve, the answer that closes the question is the last approval, or a rejection.
 * 2. While somebody's claim holds nobody else answers.
 */

import { approvalsNeeded, claimOfOther, isApproving, partProblem } from './answerers.ts';
import { lackingCapabilities } from './capability.ts';
import type { Entry, Event, EventOf, QuestionAsked } from './events.ts';
import { tick } from './evolve-unwind.ts';
import { isActionable } from './rollback-state.ts';
import type { QuestionState, RunState, StepState } from './state.ts';

export function evolveQuestion(run: RunState, entry: Entry, event: Event): string | undefined {
  switch (event.type) {
    case 'question.asked':
      return asked(run, entry, event);
    case 'question.answered':
      return answered(run, entry, event);
    case 'question.approved':
      return approved(run, entry, event);
    case 'question.expired':
      return expired(run, event);
    case 'question.claimed':
      return claimed(run, entry, event);
    case 'question.released':
      return released(run, event);
    default:
      return `\`${event.type}\` is not a question event`;
  }
}

function asked(run: RunState, entry: Entry, event: QuestionAsked): string | undefined {
  const step = askingStep(run, event);
  if (!step) return `step \`${event.step}\` is not in this run`;
  if (event.instruction === undefined && !run.running.has(step))
    return `step \`${step.key}\` is ${step.status}, not running`;
  if (run.questions.has(event.question)) return `question \`${event.question}\` was asked before`;
  const question: QuestionState = {
    id: event.question,
    step,
    kind: event.kind,
    prompt: event.prompt,
    schema: event.schema,
    askedOf: event.asked_of,
    askedAt: entry.at,
    ...(event.context !== undefined && { context: event.context }),
    ...(event.answerers && { answerers: event.answerers }),
    ...(event.expires_at !== undefined && { expiresAt: event.expires_at }),
    ...(event.instruction !== undefined && { instruction: event.instruction }),
    ...(event.call && { call: event.call }),
    status: 'open',
  };
  const wrong = event.instruction === undefined ? undefined : instruct(run, question, event.instruction);
  if (wrong !== undefined) return wrong;
  run.questions.set(question.id, question);
  run.touchedQuestions.add(question);
  run.asking += 1;
  // it is kept as long as the run: it counts like what steps leave
  run.outputBytes += Buffer.byteLength(event.context ?? '');
  if (event.instruction !== undefined) return undefined;
  if (event.expires_at !== undefined) run.timers.set(`expire:${question.id}`, event.expires_at);
  if (event.call) {
    step.asked ??= [];
    step.asked.push(question.id);
    return undefined;
  }
  run.touched.add(step);
  run.running.delete(step);
  run.parked.add(step);
  step.status = 'waiting';
  step.question = question.id;
  return undefined;
}

function askingStep(run: RunState, { step, instruction }: QuestionAsked): StepState | undefined {
  const item = instruction === undefined ? undefined : run.unwind?.items?.[instruction - 1];
  if (!item) return run.byKey.get(step);
  return item.kind === 'restore' ? item.checkpoint.step : item.step;
}

/** The next line of a manual rollback waits for its tick. */
function instruct(run: RunState, question: QuestionState, order: number): string | undefined {
  const item = run.unwind?.items?.[order - 1];
  if (run.unwind?.strategy !== 'manual' || !item || !isActionable(item))
    return `there is no instruction ${order}`;
  if (item.status !== 'pending') return `instruction ${order} is ${item.status}, not pending`;
  item.status = 'running';
  item.question = question.id;
  run.unwind.underWay.add(item);
  return undefined;
}

function openQuestion(run: RunState, id: string): QuestionState | string {
  const question = run.questions.get(id);
  if (!question) return `question \`${id}\` was never asked`;
  return question.status === 'open' ? question : `question \`${id}\` is ${question.status}, not open`;
}

function close(run: RunState, question: QuestionState, status: 'answered' | 'expired'): void {
  question.status = status;
  run.asking -= 1;
  for (const timer of ['expire', 'claim']) run.timers.drop(`${timer}:${question.id}`);
  if (question.instruction === undefined && !question.call) run.resolved.add(question);
  run.touchedQuestions.add(question);
}

/** What keeps the answer out, whatever it says. */
function answerProblem(run: RunState, question: QuestionState, by: string, at: number): string | undefined {
  const other = claimOfOther(question, by, at);
  if (other) return `question \`${question.id}\` is claimed by \`${other.by}\``;
  return partProblem(question, run.requesters, by);
}

const isLast = (question: QuestionState): boolean =>
  (question.approvals?.length ?? 0) + 1 >= approvalsNeeded(question);

function approved(run: RunState, entry: Entry, event: EventOf<'question.approved'>): string | undefined {
  const question = openQuestion(run, event.question);
  if (typeof question === 'string') return question;
  const problem = answerProblem(run, question, event.by, entry.at);
  if (problem !== undefined) return problem;
  if (!isApproving(event.answer) || isLast(question))
    return `question \`${question.id}\` takes its answer: this is no approval that others follow`;
  question.approvals ??= [];
  question.approvals.push({ by: event.by, answer: event.answer });
  // whoever had claimed it has done their part
  freeOf(run, question);
  run.touchedQuestions.add(question);
  return undefined;
}

function answered(run: RunState, entry: Entry, event: EventOf<'question.answered'>): string | undefined {
  const question = openQuestion(run, event.question);
  if (typeof question === 'string') return question;
  const problem = answerProblem(run, question, event.by, entry.at);
  if (problem !== undefined) return problem;
  if (isApproving(event.answer) && !isLast(question))
    return `question \`${question.id}\` needs ${approvalsNeeded(question)} people to approve it`;
  close(run, question, 'answered');
  question.answer = event.answer;
  question.by = event.by;
  // `done`: it was carried out; anything else: it is left as it is
  if (question.instruction !== undefined) tick(run, question.instruction, event.answer === 'done', entry.at);
  return undefined;
}

function expired(run: RunState, event: EventOf<'question.expired'>): string | undefined {
  const question = openQuestion(run, event.question);
  if (typeof question === 'string') return question;
  close(run, question, 'expired');
  return undefined;
}

function claimed(run: RunState, entry: Entry, event: EventOf<'question.claimed'>): string | undefined {
  const question = openQuestion(run, event.question);
  if (typeof question === 'string') return question;
  if (question.askedOf !== 'agent') return `question \`${question.id}\` is for a person, nobody claims it`;
  const problem = answerProblem(run, question, event.by, entry.at);
  if (problem !== undefined) return problem;
  const lacking =
    question.claim?.by === event.by ? [] : lackingCapabilities(question.answerers, event.capabilities);
  if (lacking.length > 0) return `question \`${question.id}\` wants an agent with ${lacking.join(', ')}`;
  if (event.until <= entry.at) return `the claim of \`${question.id}\` is over before it begins`;
  question.claim = { by: event.by, until: event.until };
  run.timers.set(`claim:${question.id}`, event.until);
  return undefined;
}

function released(run: RunState, event: EventOf<'question.released'>): string | undefined {
  const question = openQuestion(run, event.question);
  if (typeof question === 'string') return question;
  if (question.claim?.by !== event.by) return `question \`${question.id}\` is not claimed by \`${event.by}\``;
  freeOf(run, question);
  return undefined;
}

function freeOf(run: RunState, question: QuestionState): void {
  delete question.claim;
  run.timers.drop(`claim:${question.id}`);
}
