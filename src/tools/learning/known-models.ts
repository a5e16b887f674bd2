/** The models for one question: what has ended is looked for first, and what takes too long is not waited for. */
import type { Belay } from '../belay.ts';
import type { Models } from './models.ts';

/** How long a question waits for what is not learned yet. */
const WAIT_MS = 2_000;

export interface KnownModels extends Models {
  /** Commands that they know; `behind`: others that are not learned yet. */
  readonly learned: { readonly commands: number; readonly behind?: number };
}

export async function knownModels({ learning, library, catalogue }: Belay): Promise<KnownModels> {
  await learning.catchUp(WAIT_MS);
  const learner = await learning.learner(() => ({ entries: library.list(), catalogue }));
  const { behind, ...models } = await learner.models(WAIT_MS);
  const { steps } = learning.store.head();
  return { ...models, learned: { commands: steps - behind, ...(behind > 0 && { behind }) } };
}
