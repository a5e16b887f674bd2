/** An intent cut into words as people write them: quoted text is one word, and punctuation at the end is none. */

export interface IntentWord {
  readonly text: string;
  readonly lower: string;
  readonly isQuoted: boolean;
  /** A word of the language rather than a name: letters only, in no quotes. */
  readonly isPlain: boolean;
}

const WORD = /"([^"]*)"|'([^']*)'|`([^`]*)`|\S+/g;
const NUMBERS: readonly string[] =
  'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

export function intentWords(intent: string): readonly IntentWord[] {
  return [...intent.matchAll(WORD)].flatMap(([whole, ...quotes]) => {
    const quoted = quotes.find((each) => each !== undefined);
    const text = quoted ?? whole.replace(/^[([{]+|[)\]},;.!?]+$/g, '');
    if (text === '') return [];
    const isQuoted = quoted !== undefined;
    return [{ text, lower: text.toLowerCase(), isQuoted, isPlain: !isQuoted && /^[A-Za-z]+:?$/.test(text) }];
  });
}

/** The words of an input's name, `max_replicas` and `maxReplicas` alike. */
export const nameWords = (name: string): readonly string[] =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter((word) => word !== '');

/** `3`, `3x`, `1.5`, `three`; undefined for anything else. */
export function numberOf(word: string): number | undefined {
  const digits = /^([-+]?\d+(?:\.\d+)?)x?$/.exec(word)?.[1];
  if (digits !== undefined) return Number(digits);
  const at = NUMBERS.indexOf(word.toLowerCase());
  return at < 0 ? undefined : at;
}
