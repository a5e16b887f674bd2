/**
 * What the steps of a run said, as conditions under which later steps fail: read from their logs, with the secrets of the
 * run masked, and from their declared outputs. Nothing of it is kept. Bounded over all runs of an analysis.
 */
import { existsSync } from 'node:fs';
import type { Json, Step } from '../../engine/core/model.ts';
import type { RunState, StepState } from '../../engine/core/state.ts';
import { attemptPath } from '../../engine/host/process/attempt-files.ts';
import { saidOutput } from '../../learning/adapt/said-output.ts';
import { redact } from '../../learning/redact.ts';
import { isSecretName } from '../../store/learning/clean-session.ts';
import { type LogAccess, shownTail } from '../shown-log.ts';

/** Logs that are read: those of the newest runs. */
const LOGS_MAX = 1_000;
/** Steps of one run that are asked; those after them have few that come later. */
const STEPS_MAX = 20;
/** Of one step. */
const OUTPUTS_MAX = 50;
const VALUE_CHARS_MAX = 40;
/** The files that a log lies in. */
const KINDS = ['log', 'marks'] as const;
const TAIL = { tailLines: 40, bytesMax: 4 * 1024 };

export class SaidConditions {
  readonly #access: LogAccess;
  #logs = 0;

  constructor(access: LogAccess) {
    this.#access = access;
  }

  /** Of these steps of the run, in their order, each as it is to be called; empty where nothing can be said. */
  of(
    run: RunState,
    steps: readonly { readonly key: string; readonly step: Step }[],
  ): readonly (readonly string[])[] {
    return steps.slice(0, STEPS_MAX).map(({ key, step: { id } }) => {
      const state = run.byKey.get(key);
      return state ? [...this.#printed(run, state, id), ...gave(state, id)] : [];
    });
  }

  #printed(run: RunState, state: StepState, name: string): readonly string[] {
    const { step, seq } = state;
    const { command } = step.config;
    if (step.type !== 'shell' || typeof command !== 'string' || seq === undefined) return [];
    if (this.#logs >= LOGS_MAX) return [];
    this.#logs += 1;
    const attempt = { runId: run.runId, seq };
    // a log that was removed is not an empty one
    if (!KINDS.some((kind) => existsSync(attemptPath(this.#access.home, attempt, kind)))) return [];
    const tail = shownTail(this.#access, run, state, TAIL);
    return tail.startsWith('(not shown:') ? [] : saidOutput(name, command, tail, state.exitCode);
  }
}

function gave({ outputs = {}, exitCode = 0 }: StepState, name: string): readonly string[] {
  const values = Object.entries(outputs)
    .filter(([output, value]) => !isSecretName(output) && isPlain(value))
    .slice(0, OUTPUTS_MAX)
    .map(([output, value]) => `\`${name}\` gave \`${output}\` ${JSON.stringify(value)}`);
  return exitCode === 0 ? values : [`\`${name}\` ended with exit code ${exitCode}`, ...values];
}

const isPlain = (value: Json): boolean =>
  typeof value === 'boolean' ||
  typeof value === 'number' ||
  (typeof value === 'string' && value.length <= VALUE_CHARS_MAX && redact(value).hits === 0);
