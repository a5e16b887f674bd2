/** Question events of the transition table: asked by a step, answered or expired once. */
import type { Entry, Event, EventOf, QuestionAsked } from './events.ts';
import type { QuestionState, RunState } from './state.ts';

export function evolveQuestion(run: RunState, entry: Entry, event: Event): string | undefined {
  switch (event.type) {
    case 'question.asked':
      return asked(run, entry, event);
    case 'question.answered':
      return answered(run, event);
    case 'question.expired':
      return expired(run, event);
    default:
      return `\`${event.type}\` is not a question event`;
  }
}

function asked(run: RunState, entry: Entry, event: QuestionAsked): string | undefined {
  const step = run.byKey.get(event.step);
  if (!step) return `step \`${event.step}\` is not in this run`;
  if (!run.running.has(step)) return `step \`${step.key}\` is ${step.status}, not running`;
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
    status: 'open',
  };
  run.questions.set(question.id, question);
  run.touchedQuestions.add(question);
  run.touched.add(step);
  run.asking += 1;
  run.running.delete(step);
  run.parked.add(step);
  step.status = 'waiting';
  step.question = question.id;
  if (event.expires_at !== undefined) run.timers.set(`expire:${question.id}`, event.expires_at);
  return undefined;
}

function close(run: RunState, id: string, status: 'answered' | 'expired'): QuestionState | string {
  const question = run.questions.get(id);
  if (!question) return `question \`${id}\` was never asked`;
  if (question.status !== 'open') return `question \`${id}\` is ${question.status}, not open`;
  question.status = status;
  run.asking -= 1;
  run.timers.drop(`expire:${id}`);
  run.resolved.add(question);
  run.touchedQuestions.add(question);
  return question;
}

function answered(run: RunState, event: EventOf<'question.answered'>): string | undefined {
  const question = close(run, event.question, 'answered');
  if (typeof question === 'string') return question;
  question.answer = event.answer;
  question.by = event.by;
  return undefined;
}

function expired(run: RunState, event: EventOf<'question.expired'>): string | undefined {
  const question = close(run, event.question, 'expired');
  return typeof question === 'string' ? question : undefined;
}
