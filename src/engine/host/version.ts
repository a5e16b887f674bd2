/** Versions of tools: found in what a program prints, compared with a wanted range. */
import coerce from 'semver/functions/coerce.js';
import satisfies from 'semver/functions/satisfies.js';

/** The first dotted number in a text (`git version 2.39.5` gives `2.39.5`). */
export const versionIn = (text: string): string | undefined => /\d+(?:\.\d+)+/.exec(text)?.[0];

/** @param wanted a range as npm understands it (`>=20`, `18.x || 20.x`, `^1.2`) */
export function versionFits(found: string, wanted: string): boolean {
  const version = coerce(found);
  return version !== null && satisfies(version, wanted);
}
