/**
 * Mines the log of sessions for sequences that come again and again, while nobody waits, and keeps what it finds beside
 * the log until that has grown.
 * 1. Runs of workflows are left out: what is a workflow already need not be found.
 * 2. Mining rests after each slice, so that a server answers in between, and keeps no program from ending.
 * 3. What was forgotten while it was mined is neither kept nor shown.
 */
import { setImmediate } from 'node:timers/promises';
import type { JsonObject } from '../../engine/core/model.ts';
import { log } from '../../engine/host/log.ts';
import { type DefinedPattern, definePattern, type MinedStep } from '../../learning/mine/define-pattern.ts';
import { type MinedSequence, mineInSlices, occurrences } from '../../learning/mine/mine-sequences.ts';
import { readCommand } from '../../learning/shell/read-command.ts';
import type { KeptPattern } from '../../store/learning/kept-patterns.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import type { LoggedSession } from '../../store/learning/session-log.ts';
import { isRunnable } from '../create/is-runnable.ts';
import type { StepCatalogue } from '../step-catalogue.ts';
import { within } from './within.ts';

export interface FoundPattern extends DefinedPattern {
  /** Sessions that it was found in. */
  readonly seen: number;
  /** The sequence as it was mined, steps that only look around among them. */
  readonly mined: readonly string[];
  /** Sessions with the first step of that, with the first two, and so on, but for all of them. */
  readonly begun: readonly number[];
}

export interface FoundPatterns {
  /** The most useful first. */
  readonly patterns: readonly FoundPattern[];
  /** How many sessions were searched. */
  readonly sessions: number;
}

/** To be counted up with each change of what is found, or of what a found pattern looks like. */
const VERSION = '3';
const NOTHING: FoundPatterns = { patterns: [], sessions: 0 };
const SESSIONS_MAX = 400;
const STEPS_MAX = 20_000;
const SUPPORT_MIN = 4;
const SUPPORT_ENOUGH = 25;
const SUPPORT_SHARE = 0.06;
/** Of the sessions that are known, those that are new before it is worth looking again. */
const GROWTH_MIN = 0.02;
/** With more of them it is worth waiting for. */
const NEAR_MAX = 0.25;
/** A short history is mined in that time: a program that asks once and ends has its share, too. */
const NEAR_MS = 250;
const GAP_MAX = 2;
const SLICE_MS = 5;

export class PatternMiner {
  readonly #store: LearningStore;
  readonly #catalogue: StepCatalogue;
  #found = NOTHING;
  #generation = -1;
  #position = 0;
  /** Sessions that are new since what is known was found. */
  #grown = 0;
  #work: Promise<void> | undefined;
  #waiting = 0;
  #closed = false;

  constructor(store: LearningStore, catalogue: StepCatalogue) {
    this.#store = store;
    this.#catalogue = catalogue;
  }

  /**
   * What is known after that time at most; much less where something is known that is nearly as new as the log.
   * `untilNew`: what is known of the whole log, or after that time.
   */
  async patterns(waitMs: number, untilNew = false): Promise<FoundPatterns> {
    this.#begin();
    const isNear = this.#grown <= NEAR_MAX * this.#found.sessions;
    if (this.#work) await this.#wait(this.#work, isNear && !untilNew ? Math.min(NEAR_MS, waitMs) : waitMs);
    return this.#store.head().generation === this.#generation ? this.#found : NOTHING;
  }

  /** The one with that id, also one that was found before and no longer is. */
  async pattern(id: string, waitMs: number): Promise<FoundPattern | undefined> {
    const kept = (): FoundPattern | undefined => patternIn(this.#store.pattern(VERSION, id))[0];
    const known = kept();
    if (known) return known;
    const { patterns } = await this.patterns(waitMs, true);
    return patterns.find((each) => each.id === id) ?? kept();
  }

  close(): void {
    this.#closed = true;
  }

  /** Takes what others have mined, and mines where that is old. */
  #begin(): void {
    if (!this.#isOld() || this.#work) return;
    const { generation, position } = this.#store.head();
    const kept = this.#store.patterns(VERSION);
    this.#generation = generation;
    this.#position = kept?.position ?? 0;
    this.#found = kept ? { sessions: kept.sessions, patterns: kept.patterns.flatMap(patternIn) } : NOTHING;
    if (!this.#isOld()) return;
    this.#grown = position - this.#position;
    this.#position = position;
    this.#work = this.#mine(generation, position)
      // who waits does without patterns then
      .catch((err: unknown) => log.info({ err }, 'patterns could not be mined'))
      .finally(() => {
        this.#work = undefined;
      });
  }

  #isOld(): boolean {
    const { generation, position } = this.#store.head();
    const grown = position - this.#position;
    return generation !== this.#generation || grown > GROWTH_MIN * this.#found.sessions;
  }

  async #wait(work: Promise<void>, waitMs: number): Promise<void> {
    this.#waiting += 1;
    try {
      await within(work, waitMs);
    } finally {
      this.#waiting -= 1;
    }
  }

  async #mine(generation: number, position: number): Promise<void> {
    const logged = this.#store.after(Math.max(0, position - SESSIONS_MAX), SESSIONS_MAX);
    const sessions = minedSessions(logged);
    const stubs = sessions.map((session) => session.map(({ stub }) => stub));
    const share = Math.round(SUPPORT_SHARE * stubs.length);
    const supportMin = Math.max(SUPPORT_MIN, Math.min(SUPPORT_ENOUGH, share));
    const work = mineInSlices(stubs, { supportMin });
    let sliceEnd = performance.now() + SLICE_MS;
    let slice = work.next();
    for (; !slice.done; slice = work.next()) {
      if (performance.now() < sliceEnd) continue;
      await this.#rest();
      if (this.#closed) return;
      sliceEnd = performance.now() + SLICE_MS;
    }
    const patterns = await this.#define(slice.value, sessions, stubs);
    if (this.#closed) return;
    this.#store.keepPatterns(VERSION, generation, {
      position,
      sessions: stubs.length,
      patterns: patterns.map((found) => ({ id: found.id, found: found as unknown as JsonObject })),
    });
    if (generation === this.#generation) this.#found = { patterns, sessions: stubs.length };
  }

  async #define(
    mined: readonly MinedSequence[],
    sessions: readonly (readonly MinedStep[])[],
    stubs: readonly (readonly string[])[],
  ): Promise<readonly FoundPattern[]> {
    const byId = new Map<string, FoundPattern>();
    for (const { steps, support } of mined) {
      await this.#rest();
      const defined = definePattern(steps, sessions);
      if (!defined || byId.has(defined.id) || !isRunnable(defined.definition, this.#catalogue)) continue;
      const begun = steps.slice(1).map((_, at) => countIn(stubs, steps.slice(0, at + 1)));
      byId.set(defined.id, { ...defined, seen: support, mined: steps, begun });
    }
    return [...byId.values()];
  }

  /** A program that waits for nothing else may end meanwhile. */
  async #rest(): Promise<void> {
    await setImmediate(undefined, { ref: this.#waiting > 0 });
  }
}

/** None where what was kept is no pattern. */
function patternIn(kept: KeptPattern | undefined): readonly FoundPattern[] {
  const found = kept?.found as unknown as Partial<FoundPattern> | undefined;
  if (!found) return [];
  const { steps, mined, begun, seen, times, succeeded, definition } = found;
  const isWhole =
    [steps, mined].every((list) => isListOf(list, 'string')) &&
    isListOf(begun, 'number') &&
    [seen, times, succeeded].every(Number.isSafeInteger) &&
    isListOf(definition?.steps, 'object') &&
    typeof definition?.name === 'string';
  return isWhole ? [found as FoundPattern] : [];
}

const isListOf = (list: unknown, type: 'string' | 'number' | 'object'): boolean =>
  Array.isArray(list) && list.every((each) => typeof each === type && each !== null);

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

const countIn = (sessions: readonly (readonly string[])[], steps: readonly string[]): number =>
  sessions.filter((session) => occurrences(steps, session, GAP_MAX).length > 0).length;
