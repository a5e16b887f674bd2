/** The step that a reference may mean: `steps.build.…`, or `build.…` alone. */
import type { Reference } from './expression/analyse.ts';

/** An id that need not be there; undefined for `steps` read as a whole. */
export const referredStep = ({ root, path }: Reference): string | undefined =>
  root === 'steps' ? path[0] : root;
