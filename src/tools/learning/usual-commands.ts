/**
 * Commands that were never run here and are usual elsewhere: from the habits that come with Belay. What they write and read
 * is somebody else's, so their places stay open, and they are a hint at most.
 */
import type { Suggestion } from '../../learning/command-model.ts';

const CONFIDENCE_MAX = 0.4;
/** Without their targets redirections say nothing. */
const REDIRECTION = /(?:^|\s)(?:<<?|>>?|[<>]&)(?:\s|$)/;
const USUAL = 'common among agents: from the habits that come with Belay';

export const usualCommands = (
  templates: readonly Suggestion[],
): readonly Pick<Suggestion, 'label' | 'confidence' | 'reasons'>[] =>
  templates
    .filter(({ times, label }) => times === 0 && !REDIRECTION.test(label))
    .map(({ label, confidence, reasons }) => ({
      label,
      confidence: Math.min(CONFIDENCE_MAX, confidence),
      reasons: reasons.length > 0 ? reasons : [USUAL],
    }));
