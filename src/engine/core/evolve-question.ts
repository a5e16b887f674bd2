/** Question events of the transition table: asked by a step, answered or expired once. */
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
    case 'question.expired':
      return expired(run, event);
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
    ...(event.expires_at !== undefined && { expiresAt: event.expires_at }),
    ...(event.instruction !== undefined && { instruction: event.instruction }),
    status: 'open',
  };
  const wrong = event.instruction === undefined ? undefined : instruct(run, question, event.instruction);
  if (wrong !== undefined) return wrong;
  run.questions.set(question.id, question);
  run.touchedQuestions.add(question);
  run.asking += 1;
  if (event.instruction !== undefined) return undefined;
  run.touched.add(step);
  run.running.delete(step);
  run.parked.add(step);
  step.status = 'waiting';
  step.question = question.id;
  if (event.expires_at !== undefined) run.timers.set(`expire:${question.id}`, event.expires_at);
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

function close(run: RunState, id: string, status: 'answered' | 'expired'): QuestionState | string {
  const question = run.questions.get(id);
  if (!question) return `question \`${id}\` was never asked`;
  if (question.status !== 'open') return `question \`${id}\` is ${question.status}, not open`;
  question.status = status;
  run.asking -= 1;
  run.timers.drop(`expire:${id}`);
  if (question.instruction === undefined) run.resolved.add(question);
  run.touchedQuestions.add(question);
  return question;
}

function answered(run: RunState, entry: Entry, event: EventOf<'question.answered'>): string | undefined {
  const question = close(run, event.question, 'answered');
  if (typeof question === 'string') return question;
  question.answer = event.answer;
  question.by = event.by;
  // `done`: it was carried out; anything else: it is left as it is
  if (question.instruction !== undefined) tick(run, question.instruction, event.answer === 'done', entry.at);
  return undefined;
}

function expired(run: RunState, event: EventOf<'question.expired'>): string | undefined {
  const question = close(run, event.question, 'expired');
  return typeof question === 'string' ? question : undefined;
}
