/** What an answer is bound to: the question as it was put, so that nobody approves what they have not seen. */
import { createHash } from 'node:crypto';
import type { QuestionState } from '../engine/core/state.ts';

/** sha256 of prompt, context and schema; hex. */
export const questionDigest = ({
  prompt,
  context,
  schema,
}: Pick<QuestionState, 'prompt' | 'context' | 'schema'>): string =>
  createHash('sha256')
    .update(JSON.stringify([prompt, context ?? null, schema]))
    .digest('hex');
