/** The words of an intent that say what is wanted: stemmed, without those that only ask for it, names cut at hyphens. */
import { termsOf } from '../text/terms.ts';

const ASKING: ReadonlySet<string> = new Set(
  termsOf(
    'please could would should want need help how workflow some me run make do use using get let again then',
  ),
);
const NUMBER = /^\d/;

/** In order, with repeats. */
export const intentTerms = (text: string): readonly string[] =>
  termsOf(text.replace(/[-_/.]+/g, ' ')).filter((term) => !ASKING.has(term) && !NUMBER.test(term));
