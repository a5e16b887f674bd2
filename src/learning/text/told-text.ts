/** Cuts the words told with a step into what the ranker uses: the last sentence says what is done now. */
import { hashText } from '../rank/hash.ts';
import type { ToldText } from '../rank/situation.ts';
import { termsOf, withPairs } from './terms.ts';

const TEXT_CHARS_MAX = 8000;

/** Undefined where nothing is told. */
export function readTold(text: string | undefined): ToldText | undefined {
  const told = text?.trim().slice(-TEXT_CHARS_MAX);
  if (!told) return undefined;
  const sentence = termsOf(lastSentence(told));
  return {
    hash: hashText(told),
    terms: withPairs(termsOf(told)),
    sentence: withPairs(sentence),
    opening: [hashOf(sentence[0]), hashOf(sentence[1])],
    words: new Set(told.toLowerCase().split(/\s+/)),
  };
}

const hashOf = (term: string | undefined): number => (term === undefined ? 0 : hashText(term));

function lastSentence(text: string): string {
  const sentences = text.split(/(?<=[.!?:])\s+(?=[A-Z`])/);
  return sentences.findLast((sentence) => sentence.trim()) ?? '';
}
