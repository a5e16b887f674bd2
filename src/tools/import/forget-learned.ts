/**
 * What a person asks to be forgotten, and how much that is: everything, what came from one run or one import, or all
 * commands with a text in them.
 */
import type { LearnedSession, LearnedStep } from '../../learning/learned-session.ts';
import type { ForgetWish, Forgotten } from '../../store/learning/forget-sessions.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import { everySession } from './every-session.ts';

const EVERYTHING = 'ALL';
const IMPORT = /^import:[a-z]+:[0-9a-f]{12}$/;

/** `runId` is the whole id, where the text is that of a run. */
export function forgetWish(text: string, runId: string | undefined): ForgetWish {
  if (text === EVERYTHING) return 'all';
  if (runId !== undefined) return { source: `run:${runId}` };
  return IMPORT.test(text) ? { source: text } : { pattern: text };
}

/** What `forget` would take away. */
export function forgettable(store: LearningStore, wish: ForgetWish): Forgotten {
  let [steps, sessions, words] = [0, 0, 0];
  const matches = typeof wish === 'object' && 'pattern' in wish ? patternOf(wish.pattern) : undefined;
  for (const session of everySession(store)) {
    if (typeof wish === 'object' && 'source' in wish && session.source !== wish.source) continue;
    const found = session.steps.filter(
      ({ command, place }) => !matches || matches.test(command) || matches.test(place ?? ''),
    );
    steps += found.length;
    if (found.length === session.steps.length) sessions += 1;
    else if (matches) words += wordsOf(session, new Set(found)).filter((text) => matches.test(text)).length;
  }
  return { steps, sessions, words };
}

/** What is told of a session and of its steps but for some. */
function wordsOf({ goal, inputs, project, steps }: LearnedSession, but: ReadonlySet<LearnedStep>): string[] {
  const told = steps.filter((step) => !but.has(step)).map(({ intent }) => intent);
  return [goal, inputs && JSON.stringify(inputs), project, ...told].filter((text) => text !== undefined);
}

/** As SQLite's LIKE reads it: any text for `*`, and letters of the Latin alphabet in either case. */
function patternOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(parts.join('[^]*'), 'i');
}
