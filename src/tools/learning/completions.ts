/** How a command line goes on: by the own history first, and where that leaves room by what everybody shares. */
import type { Belay } from '../belay.ts';
import { coldCommands } from '../prior/cold-commands.ts';
import { coldCompletions } from '../prior/cold-completions.ts';
import { type KnownModels, knownModels } from './known-models.ts';
import {
  type CommandQuestion,
  type CommandSuggestion,
  rounded,
  suggestCommands,
} from './suggest-commands.ts';

/** Beside what the own history says, less than that is noise. */
const BESIDE_OWN_MIN = 0.02;

export async function completionsOf(
  belay: Belay,
  question: CommandQuestion,
): Promise<{ readonly completions: readonly CommandSuggestion[]; readonly learned: KnownModels['learned'] }> {
  const models = await knownModels(belay);
  const own = suggestCommands(models, belay.learning.store, question);
  const { prefix = '', recent, limit } = question;
  const known = new Set(own.map(({ command }) => command));
  const left = Math.max(0, 1 - own.reduce((sum, { confidence }) => sum + confidence, 0));
  const before = recent.at(-1);
  const others =
    prefix.trim() === ''
      ? coldCommands(belay.learning.store, { home: belay.home, before, limit })
      : coldCompletions(belay, { prefix, before, limit });
  const cold = others
    .filter(({ command }) => !known.has(command))
    .map((each) => ({ ...each, confidence: rounded(each.confidence * left) }))
    .filter(({ confidence }) => own.length === 0 || confidence >= BESIDE_OWN_MIN);
  return { completions: [...own, ...cold].slice(0, limit), learned: models.learned };
}
