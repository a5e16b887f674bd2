/** Which files belong to a result: those that its author names, and those that the step hands out. */
import { relative } from 'node:path';
import type { CacheSpec } from '../core/model.ts';
import type { CachedFile, CaptureRequest } from '../core/step-cache.ts';
import type { NamedWish } from './artifact-wishes.ts';

/** What is handed out lies in one of several places. */
export const keptPaths = (
  { paths = [] }: CacheSpec,
  cwd: string,
  wishes: readonly NamedWish[],
): Pick<CaptureRequest, 'patterns' | 'optional'> => ({
  patterns: paths,
  optional: wishes.flatMap((wish) => placesOf(wish, cwd)),
});

/** The file, or what is in the folder, was taken in. */
export const isAmong = (files: readonly CachedFile[], cwd: string, wish: NamedWish): boolean =>
  placesOf(wish, cwd).some((place) =>
    files.some(({ path }) => path === place || path.startsWith(`${place}/`)),
  );

const placesOf = ({ places }: NamedWish, cwd: string): readonly string[] =>
  places.map((place) => relative(cwd, place)).filter((place) => place !== '' && !place.startsWith('..'));
