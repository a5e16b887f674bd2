/**
 * The branches of a step, which the model has as groups behind it (`build:else`, `build:failed`): written they stand at the
 * step again.
 */
import type { Json, JsonObject, Step } from '../../engine/core/model.ts';

type WriteSteps = (steps: readonly Step[]) => readonly JsonObject[];

/** The step that a branch belongs to; the id itself of any other step. */
export const ownerOf = (id: string): string => id.replace(/:(?:else|failed)$/, '');

export const isBranch = ({ id }: Step): boolean => ownerOf(id) !== id;

/** `else` and `on_failure` of a step, where it has such branches. */
export function writtenBranches(step: Step, list: readonly Step[], write: WriteSteps): JsonObject {
  const bodyOf = (name: string): readonly Step[] | undefined =>
    list.find(({ id }) => id === `${step.id}:${name}`)?.body;
  const [otherwise, handler] = [bodyOf('else'), bodyOf('failed')];
  return {
    ...(otherwise && { else: write(otherwise) as Json }),
    ...(handler && { on_failure: writtenHandler(step, handler, write) }),
  };
}

/** The last step of a handler may say what the failure means then. */
function writtenHandler({ id }: Step, body: readonly Step[], write: WriteSteps): JsonObject {
  const last = body.at(-1);
  const isVerdict =
    last?.type === 'assert' && String(last.config.message).startsWith(`step \`${id}\` failed: `);
  return isVerdict
    ? { steps: write(body.slice(0, -1)) as Json, policy: last.onFailure }
    : { steps: write(body) as Json };
}
