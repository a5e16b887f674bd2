/** An open question of a run view for people: what is asked, what it is about, who has approved it or works on it. */
import type { RunView } from '../tools/run-view-schema.ts';
import { printable, type Style } from './style.ts';
import { timeText } from './time-text.ts';

type Question = RunView['questions'][number];

/** Nobody is to approve what they have not seen: the context stands below the prompt, cut as the view has it. */
export function questionLines(question: Question, style: Style): readonly string[] {
  const { question_id: id, asked_of, prompt, context, capabilities = [] } = question;
  const claim = claimText(question);
  return [
    `${style.yellow('question')} ${id} for ${asked_of === 'human' ? 'a person' : 'an agent'}: ${printable(prompt)}`,
    ...(context === undefined ? [] : [printable(context).trimEnd().replace(/^/gm, '  | ')]),
    ...approvalLines(question).map((line) => `  ${line}`),
    ...(capabilities.length > 0 ? [`  wants an agent with ${capabilities.map(printable).join(', ')}`] : []),
    ...(claim === undefined ? [] : [`  ${claim}`]),
  ];
}

/** `1 of 2 approved: cli:ann`; nothing where one approval is enough. */
export function approvalLines({ approvals }: Question): readonly string[] {
  if (!approvals) return [];
  const { needed, given } = approvals;
  const who = given.length > 0 ? `: ${given.map(printable).join(', ')}` : '';
  return [`${given.length} of ${needed} approved${who}`];
}

/** Who holds it, and until when; undefined where nobody does. */
export function claimText({ claimed_by: by, claimed_until: until }: Question): string | undefined {
  if (by === undefined) return undefined;
  return `claimed by ${printable(by)}${until === undefined ? '' : ` until ${timeText(until)}`}`;
}
