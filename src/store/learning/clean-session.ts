/**
 * A session as it may be stored: every text without its secrets and cut to its bound. The one way into the log, so that
 * nothing else has to be trusted with it.
 */
import type { FinalStatus } from '../../engine/core/events.ts';
import {
  LEARNED_COMMAND_CHARS_MAX,
  LEARNED_INPUTS_BYTES_MAX,
  LEARNED_PATH_CHARS_MAX,
  LEARNED_SESSION_STEPS_MAX,
  LEARNED_WORDS_CHARS_MAX,
} from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { LearnedSession, LearnedStep } from '../../learning/learned-session.ts';
import { redact } from '../../learning/redact.ts';
import { readCommand } from '../../learning/shell/read-command.ts';

/** Whose values are never kept, however harmless they look. */
const SECRET_NAME = /pass|secret|token|key|credential|auth|cookie|cert|pin$/i;

export interface CleanStep extends LearnedStep {
  readonly stub: string;
}

export interface CleanSession {
  readonly key: string;
  readonly source: string;
  readonly at: number;
  readonly goal: string | undefined;
  readonly project: string;
  readonly workflow: string | undefined;
  readonly ending: FinalStatus | undefined;
  readonly inputs: JsonObject | undefined;
  readonly steps: readonly CleanStep[];
}

/** The name of a value says that it is nobody's business. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** As several sessions where it is too long for one; the first has the key that was given. */
export function cleanSessions(session: LearnedSession): readonly CleanSession[] {
  const steps = session.steps.flatMap(cleanStep);
  const parts: CleanSession[] = [];
  for (let from = 0; from < Math.max(1, steps.length); from += LEARNED_SESSION_STEPS_MAX) {
    parts.push({
      key: from === 0 ? session.key : `${session.key}+${from}`,
      source: session.source,
      at: session.at,
      goal: cleanWords(session.goal),
      project: cleanText(session.project, LEARNED_PATH_CHARS_MAX),
      workflow: session.workflow,
      ending: session.ending,
      inputs: session.inputs && cleanInputs(session.inputs),
      steps: steps.slice(from, from + LEARNED_SESSION_STEPS_MAX),
    });
  }
  return parts;
}

function cleanStep({ command, exitCode, durationMs, place, intent }: LearnedStep): readonly CleanStep[] {
  const clean = cleanText(command, LEARNED_COMMAND_CHARS_MAX);
  if (clean === '') return [];
  const told = place === undefined ? undefined : cleanText(place, LEARNED_PATH_CHARS_MAX);
  const { stub } = readCommand(clean);
  return [{ command: clean, stub, exitCode, durationMs, place: told, intent: cleanWords(intent) }];
}

const cleanWords = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : cleanText(text, LEARNED_WORDS_CHARS_MAX) || undefined;

/** Redacted whole before it is cut: no half of a secret stays at the end. */
const cleanText = (text: string, charsMax: number): string => redact(text).text.trim().slice(0, charsMax);

/** Plain values only: what they hold inside would be hard to judge, and nobody is offered it again. */
function cleanInputs(inputs: JsonObject): JsonObject | undefined {
  const kept = Object.entries(inputs).filter(([name, value]) => !isSecretName(name) && isHarmless(value));
  const clean = Object.fromEntries(kept);
  return kept.length > 0 && JSON.stringify(clean).length <= LEARNED_INPUTS_BYTES_MAX ? clean : undefined;
}

const isHarmless = (value: Json): boolean =>
  typeof value === 'string'
    ? redact(value).hits === 0
    : typeof value === 'number' || typeof value === 'boolean';
