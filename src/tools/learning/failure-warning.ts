/** What is said of a suggestion that will probably fail. */
import { withShownStubs } from '../../learning/shell/shown-form.ts';

/** Less likely failures are nothing to warn of. */
const WARNED_MIN = 0.5;

/** One reason at most; none where nothing was counted that could be told. */
export const failureWarning = (chance: number, reason: string): readonly string[] =>
  chance >= WARNED_MIN && reason !== ''
    ? [`likely to fail (${Math.round(chance * 100)} %): ${withShownStubs(reason)}`]
    : [];
