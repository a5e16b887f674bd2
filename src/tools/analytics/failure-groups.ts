/** Failures of one kind, counted together: by their code and the shape of what the step wrote last. */
import { errorShape } from '../../learning/adapt/error-shape.ts';
import type { Belay } from '../belay.ts';
import { shownTail } from '../shown-log.ts';
import type { ReadRun } from './collect-runs.ts';
import type { StepFailure } from './step-outcomes.ts';

export interface FailureGroup {
  readonly pattern: string;
  readonly code: string;
  count: number;
  readonly runs: Set<string>;
  readonly steps: Set<string>;
  /** The newest. */
  readonly lastRun: string;
  readonly lastAt: number;
}

/** Logs that are read, the newest; failures before them are told apart by their messages. */
const LOGS_MAX = 100;
const GROUPS_MAX = 200;
/** Says nothing but the code, which is what differs between kinds. */
const EXIT = /^exit code \d+$/;
const TAIL = { tailLines: 40, bytesMax: 4 * 1024 };

export class FailureGroups {
  readonly #belay: Belay;
  readonly #groups = new Map<string, FailureGroup>();
  #logs = 0;

  constructor(belay: Belay) {
    this.#belay = belay;
  }

  /** The newest runs first. */
  add({ run, row }: ReadRun, failures: readonly StepFailure[]): void {
    for (const { step, key, at, failure } of failures) {
      const pattern = this.#pattern(run, key, failure.message);
      const id = `${failure.code}\n${pattern}`;
      const known = this.#groups.get(id);
      if (!known && this.#groups.size >= GROUPS_MAX) continue;
      const group: FailureGroup = known ?? {
        pattern,
        code: failure.code,
        count: 0,
        runs: new Set(),
        steps: new Set(),
        lastRun: row.runId,
        lastAt: at,
      };
      this.#groups.set(id, group);
      group.count += 1;
      group.runs.add(row.runId);
      group.steps.add(`${run.workflow.name}/${step.id}`);
    }
  }

  /** The most frequent first. */
  all(): readonly FailureGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count || b.lastAt - a.lastAt);
  }

  #pattern(run: ReadRun['run'], key: string, message: string): string {
    const state = run.byKey.get(key);
    if (state && this.#logs < LOGS_MAX) {
      this.#logs += 1;
      const tail = shownTail(this.#belay, run, state, TAIL);
      if (!tail.startsWith('(not shown:')) {
        const shape = errorShape(tail);
        if (shape !== '') return shape;
      }
    }
    return EXIT.test(message) ? message : errorShape(message);
  }
}
