/** Which names there are, in an answer to one that is not there. */
import { nearest } from '../definition/did-you-mean.ts';

const NAMES_SHOWN_MAX = 5;

/** `did you mean …`, else the first few there are. */
export function nearestText(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near.length > 0) return `did you mean ${near.map((name) => `\`${name}\``).join(' or ')}`;
  if (known.length === 0) return 'there are none';
  const some = known.slice(0, NAMES_SHOWN_MAX).map((name) => `\`${name}\``);
  return `known: ${some.join(', ')}${known.length > some.length ? `, and ${known.length - some.length} more` : ''}`;
}
