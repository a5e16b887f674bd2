/** What the words told with a command say of its values. */
import { typeWord, type WordType } from '../shell/type-word.ts';
import { wordsIn } from './value-likeness.ts';

const TEXT_CHARS_MAX = 2000;
const SENTENCE_CHARS_MAX = 400;
const WORDS_MAX = 4;

export interface ToldValues {
  /** Empty where nothing is told. */
  readonly text: string;
  /** The last words that look like a value of the type, newest first. */
  readonly words: readonly string[];
  /** Words of the last sentence: it says what is done now. */
  readonly sentence: ReadonlySet<string>;
}

const NOTHING: ToldValues = { text: '', words: [], sentence: new Set() };

export function readTold(intent: string | undefined, type: WordType): ToldValues {
  const text = intent?.slice(-TEXT_CHARS_MAX);
  if (!text) return NOTHING;
  const words = text.match(/[^\s`"'(),;]+/g)?.map((word) => word.replace(/[.:?!]+$/, '')) ?? [];
  const sentences = text.slice(-SENTENCE_CHARS_MAX).split(/(?<=[.!?:])\s+(?=[A-Z`])/);
  const last = sentences.findLast((sentence) => sentence.trim()) ?? '';
  return {
    text,
    words: [...new Set(words.reverse())].filter((word) => typeWord(word) === type).slice(0, WORDS_MAX),
    sentence: new Set(wordsIn(last)),
  };
}
