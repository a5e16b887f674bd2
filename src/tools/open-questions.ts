/** What a run waits to be told. */
import type { QuestionState, RunState } from '../engine/core/state.ts';

export const openQuestions = (run: RunState): readonly QuestionState[] =>
  [...run.questions.values()].filter((question) => question.status === 'open');
