/**
 * How runs of named workflows ended: at all, and with the values of their inputs; with the command that they failed at.
 * Pure and bounded: the workflows and values that were used last.
 */
import { RecentMap, type RecentMapState } from '../rank/recent-map.ts';
import { isText, must, mustCount } from '../state-check.ts';
import type { FailureForecast } from './failure-model.ts';

const WORKFLOWS_MAX = 1_000;
const VALUES_MAX = 8_000;
const STUBS_MAX = 8;
const VALUE_CHARS_MAX = 200;
/** As before anything is known: one of so many runs fails. */
const START_RUNS = 4;
/** Fewer tell nothing. */
const TOLD_RUNS_MIN = 3;

/** A value of an input; values of other forms say nothing. */
type Given = Readonly<Record<string, unknown>>;

export interface EndedRun {
  readonly workflow: string;
  readonly inputs: Given;
  readonly failed: boolean;
  /** Of the command that failed last. */
  readonly stub?: string | undefined;
}

interface Ends {
  runs: number;
  failed: number;
}

interface WorkflowEnds extends Ends {
  /** How often runs failed at it. */
  readonly stubs: Map<string, number>;
}

type SavedEnds = readonly [runs: number, failed: number];

export interface WorkflowFailuresState {
  readonly workflows: RecentMapState<
    string,
    readonly [...SavedEnds, stubs: readonly (readonly [string, number])[]]
  >;
  readonly values: RecentMapState<string, SavedEnds>;
}

export class WorkflowFailures {
  readonly #workflows = new RecentMap<string, WorkflowEnds>(WORKFLOWS_MAX);
  readonly #values = new RecentMap<string, Ends>(VALUES_MAX);

  learn({ workflow, inputs, failed, stub }: EndedRun): void {
    const ends = this.#workflows.take(workflow, () => ({ runs: 0, failed: 0, stubs: new Map() }));
    for (const each of [ends, ...valueKeys(workflow, inputs).map(([key]) => this.#valueOf(key))]) {
      each.runs += 1;
      each.failed += failed ? 1 : 0;
    }
    if (!failed || stub === undefined) return;
    if (ends.stubs.has(stub) || ends.stubs.size < STUBS_MAX)
      ends.stubs.set(stub, (ends.stubs.get(stub) ?? 0) + 1);
  }

  /** The chance that a run with these inputs fails, and the count that speaks loudest for that. */
  predict(workflow: string, inputs: Given): FailureForecast {
    const ends = this.#workflows.get(workflow);
    if (!ends) return { chance: 0, reason: '' };
    const overall = (ends.failed + 1) / (ends.runs + START_RUNS);
    let best = { chance: overall, text: toldOf(ends, workflow, '') };
    for (const [key, condition] of valueKeys(workflow, inputs)) {
      const value = this.#values.get(key);
      if (!value || value.runs < TOLD_RUNS_MIN) continue;
      const chance = (value.failed + START_RUNS * overall) / (value.runs + START_RUNS);
      if (chance > best.chance) best = { chance, text: toldOf(value, workflow, condition) };
    }
    const [stub, times] = [...ends.stubs].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
    const place = best.text !== '' && 2 * times > ends.failed ? `, most often at \`${stub}\`` : '';
    return { chance: best.chance, reason: best.text + place };
  }

  snapshot(): WorkflowFailuresState {
    return {
      workflows: this.#workflows.snapshot(({ runs, failed, stubs }) => [runs, failed, [...stubs]] as const),
      values: this.#values.snapshot(({ runs, failed }) => [runs, failed] as const),
    };
  }

  /** Throws where the state is broken. */
  static restore({ workflows, values }: WorkflowFailuresState): WorkflowFailures {
    const failures = new WorkflowFailures();
    failures.#workflows.restore(workflows, ([runs, failed, stubs]) => {
      must(Array.isArray(stubs) && stubs.length <= STUBS_MAX, 'a bounded number of commands');
      for (const [stub, times] of stubs)
        must(isText(stub) && Number.isInteger(times), 'commands with counts');
      return { ...endsOf(runs, failed), stubs: new Map(stubs) };
    });
    failures.#values.restore(values, ([runs, failed]) => endsOf(runs, failed));
    return failures;
  }

  #valueOf(key: string): Ends {
    return this.#values.take(key, () => ({ runs: 0, failed: 0 }));
  }
}

function endsOf(runs: number, failed: number): Ends {
  mustCount(runs, Number.MAX_SAFE_INTEGER, 'a count of runs');
  mustCount(failed, runs, 'a count of failed runs');
  return { runs, failed };
}

const toldOf = ({ runs, failed }: Ends, workflow: string, condition: string): string =>
  runs >= TOLD_RUNS_MIN && failed > 0 ? `${workflow} failed ${failed} of ${runs} times${condition}` : '';

function valueKeys(workflow: string, inputs: Given): readonly (readonly [key: string, condition: string])[] {
  return Object.entries(inputs).flatMap(([name, value]) => {
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    const text = isPlain ? String(value) : '';
    if (text === '' || text.length > VALUE_CHARS_MAX) return [];
    return [[`${workflow}\n${name}\n${text}`, ` with \`${name}\` ${JSON.stringify(value)}`] as const];
  });
}
