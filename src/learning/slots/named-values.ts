/** Values for a slot that the words told with its command name. */
import { typeWord } from '../shell/type-word.ts';
import type { OpenSlot, SlotSession } from './slot-session.ts';

const NAMED_CHARS_MIN = 3;
const NAMED_MAX = 3;

/** Values that the words name: those proposed already and held earlier in the session, then words that look like one. */
export function addNamed(
  intent: string,
  { type }: OpenSlot,
  session: SlotSession,
  proposals: Map<string, string[]>,
): void {
  for (const [value, experts] of proposals) {
    if (value.length >= NAMED_CHARS_MIN && intent.includes(value))
      experts.push('named in the words of the step');
  }
  for (const value of session.values.get(type) ?? []) {
    if (proposals.has(value) || value.length < NAMED_CHARS_MIN || !intent.includes(value)) continue;
    proposals.set(value, ['held before and named in the words of the step']);
  }
  const words = intent.match(/[^\s`"'(),;]+/g)?.map((word) => word.replace(/[.:?!]+$/, '')) ?? [];
  for (const [i, word] of [...new Set(words.reverse())].filter((word) => typeWord(word) === type).entries()) {
    if (i >= NAMED_MAX) break;
    const expert = `word ${i + 1} of its type in the words of the step`;
    proposals.set(word, [...(proposals.get(word) ?? []), expert]);
  }
}
