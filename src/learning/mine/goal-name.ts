/** The name and the description of a workflow that was made for a goal, in the words of whoever told it. */
import { intentTerms } from '../intent/intent-terms.ts';
import { redact } from '../redact.ts';
import { identifier } from './step-name.ts';

const HIDDEN = '***';
const WORDS_MAX = 5;
const CHARS_MAX = 40;
const DESCRIPTION_CHARS_MAX = 200;

export interface GoalName {
  readonly name?: string;
  readonly description?: string;
}

/**
 * Without what the words do not make; nothing of a secret in them.
 * @param told the goal of each time that it was done, the newest first; what differs says nothing of the next time
 */
export function goalName(told: readonly [string, ...string[]]): GoalName {
  const [newest, ...others] = told.map((goal) => redact(goal).text.replaceAll(HIDDEN, ' ')) as [string];
  const goal = inCommon(newest, others);
  const words = goal.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const kept = words.length <= WORDS_MAX ? words : words.filter((word) => intentTerms(word).length > 0);
  const name = kept.slice(0, WORDS_MAX).join('-');
  const line = (goal.trim().split('\n')[0] ?? '').slice(0, DESCRIPTION_CHARS_MAX);
  return {
    ...(/[a-z]/i.test(name) && name.length <= CHARS_MAX && { name: identifier(name) }),
    ...(line !== '' && { description: line.charAt(0).toUpperCase() + line.slice(1) }),
  };
}

/** As the newest has it, without the words that another one does not have. */
function inCommon(newest: string, others: readonly string[]): string {
  const words = others.map((goal) => new Set(goal.toLowerCase().split(/\s+/)));
  const kept = newest
    .split(/(\s+)/)
    .filter((word) => words.every((own) => own.has(word.toLowerCase()) || /^\s/.test(word)));
  return words.length === 0 ? newest : kept.join('').replace(/ {2,}/g, ' ').trim();
}
