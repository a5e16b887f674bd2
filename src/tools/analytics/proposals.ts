/** What the history suggests about the definitions, each as a diff of the file that it is in. */
import { textDiff } from '../../checkpoint/text-diff.ts';
import { editStep } from '../../definition/write/edit-step.ts';
import { proposeChanges } from '../../learning/adapt/propose-changes.ts';
import type { StepHistory } from '../../learning/adapt/step-history.ts';
import { cutText } from '../answer-budget.ts';
import type { Belay } from '../belay.ts';
import type { Analytics } from './analytics-schema.ts';

const PROPOSALS_MAX = 20;
const DIFF_BYTES_MAX = 1_024;

export function proposals(belay: Belay, histories: readonly StepHistory[]): Analytics['proposals'] {
  const texts = new Map<string, ReturnType<Belay['library']['find']>>();
  const fileOf = (workflow: string) => {
    if (!texts.has(workflow)) texts.set(workflow, belay.library.find(workflow));
    return texts.get(workflow);
  };
  const changes = histories.flatMap((history) =>
    proposeChanges(history).map((change) => ({ history, change })),
  );
  const proposed = changes.flatMap(({ history: { workflow, step }, change: { kind, key, value, why } }) => {
    const file = fileOf(workflow);
    const edited = file && editStep(file.text, step, key, value);
    // somebody has done it, and no run has shown it yet
    if (file && edited === file.text) return [];
    const diff = edited === undefined ? undefined : textDiff(file?.file ?? '', file?.text, edited);
    const shown = diff === undefined ? {} : { diff: cutText(diff, DIFF_BYTES_MAX, 'the rest is not shown') };
    return [{ workflow, step, kind, why, ...shown }];
  });
  return proposed.slice(0, PROPOSALS_MAX);
}
