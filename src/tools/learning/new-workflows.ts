/**
 * Workflows that the history proposes: sequences that come again and again, mined from the log of sessions while nobody
 * waits, and kept until the log has grown.
 * 1. Runs of workflows are left out: what is a workflow already need not be found.
 * 2. Mining rests after each slice, so that a server answers in between, and keeps no program from ending.
 */
import { setImmediate } from 'node:timers/promises';
import { type DefinedPattern, definePattern, type MinedStep } from '../../learning/mine/define-pattern.ts';
import { type MinedSequence, mineInSlices } from '../../learning/mine/mine-sequences.ts';
import { readCommand } from '../../learning/shell/read-command.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import type { LoggedSession } from '../../store/learning/session-log.ts';
import type { Belay } from '../belay.ts';
import { within } from './within.ts';

export interface FoundPattern extends DefinedPattern {
  /** Sessions that it was found in. */
  readonly seen: number;
  /** The sequence as it was mined, steps that only look around among them. */
  readonly mined: readonly string[];
}

export interface NewWorkflows {
  readonly patterns: readonly FoundPattern[];
  /** The sessions that were searched, as stubs. */
  readonly sessions: readonly (readonly string[])[];
}

const NOTHING: NewWorkflows = { patterns: [], sessions: [] };
const SESSIONS_MAX = 400;
const STEPS_MAX = 20_000;
const SUPPORT_MIN = 4;
const SUPPORT_ENOUGH = 25;
const SUPPORT_SHARE = 0.06;
/** Of the sessions that are known, those that are new before it is worth looking again. */
const GROWTH_MIN = 0.02;
const SLICE_MS = 5;

class PatternMiner {
  readonly #store: LearningStore;
  #found = NOTHING;
  #generation = -1;
  #position = 0;
  #work: Promise<void> | undefined;
  #waiting = 0;

  constructor(store: LearningStore) {
    this.#store = store;
  }

  /** What is known now, if that `isEnough`; else what is known after that time. */
  async patterns(waitMs: number, isEnough: (known: NewWorkflows) => boolean): Promise<NewWorkflows> {
    const { generation, position } = this.#store.head();
    if (generation !== this.#generation) this.#found = NOTHING;
    const grown = position - this.#position;
    const isOld = generation !== this.#generation || grown > GROWTH_MIN * this.#found.sessions.length;
    if (isOld && this.#work === undefined) {
      this.#generation = generation;
      this.#position = position;
      this.#work = this.#mine().finally(() => {
        this.#work = undefined;
      });
    }
    if (this.#work && !isEnough(this.#found)) await this.#wait(this.#work, waitMs);
    // what was forgotten while it was mined is not shown
    return this.#store.head().generation === this.#generation ? this.#found : NOTHING;
  }

  async #wait(work: Promise<void>, waitMs: number): Promise<void> {
    this.#waiting += 1;
    try {
      await within(work, waitMs);
    } finally {
      this.#waiting -= 1;
    }
  }

  async #mine(): Promise<void> {
    const generation = this.#generation;
    const logged = this.#store.after(Math.max(0, this.#position - SESSIONS_MAX), SESSIONS_MAX);
    const sessions = minedSessions(logged);
    const stubs = sessions.map((session) => session.map(({ stub }) => stub));
    const share = Math.round(SUPPORT_SHARE * stubs.length);
    const supportMin = Math.max(SUPPORT_MIN, Math.min(SUPPORT_ENOUGH, share));
    const work = mineInSlices(stubs, { supportMin });
    let sliceEnd = performance.now() + SLICE_MS;
    for (let slice = work.next(); ; slice = work.next()) {
      if (slice.done) {
        const patterns = await this.#define(slice.value, sessions);
        if (generation === this.#generation) this.#found = { patterns, sessions: stubs };
        return;
      }
      if (performance.now() < sliceEnd) continue;
      await this.#rest();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }

  async #define(
    mined: readonly MinedSequence[],
    sessions: readonly (readonly MinedStep[])[],
  ): Promise<readonly FoundPattern[]> {
    const byId = new Map<string, FoundPattern>();
    for (const { steps, support } of mined) {
      await this.#rest();
      const defined = definePattern(steps, sessions);
      if (defined && !byId.has(defined.id)) byId.set(defined.id, { ...defined, seen: support, mined: steps });
    }
    return [...byId.values()];
  }

  /** A program that waits for nothing else may end meanwhile. */
  async #rest(): Promise<void> {
    await setImmediate(undefined, { ref: this.#waiting > 0 });
  }
}

function minedSessions(logged: readonly LoggedSession[]): readonly (readonly MinedStep[])[] {
  const sessions: (readonly MinedStep[])[] = [];
  let left = STEPS_MAX;
  for (const { workflow, steps } of logged.toReversed()) {
    if (workflow !== undefined || steps.length === 0) continue;
    left -= steps.length;
    if (left < 0) break;
    sessions.push(steps.map((step) => ({ ...step, stub: readCommand(step.command).stub || '∅' })));
  }
  return sessions.reverse();
}

const miners = new WeakMap<LearningStore, PatternMiner>();

/** Those that are known now if they are enough, else after `waitMs` at the latest; others are found in the background. */
export function newWorkflows(
  { learning }: Belay,
  waitMs: number,
  isEnough: (known: NewWorkflows) => boolean = ({ sessions }) => sessions.length > 0,
): Promise<NewWorkflows> {
  const { store } = learning;
  const miner = miners.get(store) ?? new PatternMiner(store);
  miners.set(store, miner);
  return miner.patterns(waitMs, isEnough);
}
