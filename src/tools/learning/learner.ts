/**
 * The models in memory, as far as the log goes: from a snapshot, then session by session, also what other processes have
 * added. Works in slices, so that a server answers in between.
 * 1. `position` is the last session that the models know whole; only then a snapshot is taken.
 * 2. When something was forgotten the models are made anew: nothing of it may stay in them.
 */
import { setImmediate } from 'node:timers/promises';
import { log } from '../../engine/host/log.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import { bundledHabits } from '../prior/bundled-habits.ts';
import { freeHeap, keepHeapLean } from './lean-heap.ts';
import { lessonsOf, type Models, newModels, restoredModels, savedModels } from './models.ts';
import type { KnownWorkflows } from './suggest-workflows.ts';
import { within } from './within.ts';

/** To be counted up with each change of what the models' states look like. */
const SNAPSHOT_VERSION = '5';
/** Models that began with other habits are no use here. */
const snapshotVersion = (): string => `${SNAPSHOT_VERSION}-${bundledHabits()?.edition ?? ''}`;
const SLICE_MS = 10;
const PAGE = 20;
/** Commands learned since the last snapshot that make a new one worth its time. */
const SNAPSHOT_STEPS_MIN = 64;
/** A process that goes after one question leaves the next one what it has learned; saving takes a tenth of the time at most. */
const SNAPSHOT_PAUSE_MS = 500;
const SNAPSHOT_PAUSE_TIMES = 10;

export class Learner {
  readonly #store: LearningStore;
  readonly #workflows: () => KnownWorkflows;
  #models: Models | undefined;
  /** What is answered from while the models are on their way: nobody's commands. */
  #blank: Models | undefined;
  #generation = -1;
  #position = 0;
  #unsaved = 0;
  #savedAt = 0;
  #saveMs = 0;
  #saving: Promise<void> | undefined;
  #work: Promise<void> | undefined;
  #closed = false;

  constructor(store: LearningStore, workflows: () => KnownWorkflows) {
    this.#store = store;
    this.#workflows = workflows;
  }

  /** The models as they are after `budgetMs` at the latest; what is missing then is learned in the background. */
  async models(budgetMs: number): Promise<Models & { readonly behind: number }> {
    this.#work ??= this.#catchUp().finally(() => {
      this.#work = undefined;
      this.#blank = undefined;
      freeHeap();
    });
    // whoever waits sees the error; nobody else has to
    this.#work.catch(() => {});
    await within(this.#work, budgetMs);
    // what was forgotten is in no answer, also while the models are on their way to it
    const isOld = this.#isForgotten();
    if (isOld) this.#blank ??= newModels();
    const models = (isOld && this.#blank) || this.#known();
    return { ...models, behind: this.#store.left(isOld ? 0 : this.#position) };
  }

  close(): void {
    this.#closed = true;
  }

  #known(): Models {
    this.#models ??= newModels();
    return this.#models;
  }

  async #catchUp(): Promise<void> {
    let sliceEnd = performance.now() + SLICE_MS;
    pages: for (;;) {
      if (this.#isForgotten()) await this.#begin();
      if (this.#closed) return;
      const sessions = this.#store.after(this.#position, PAGE);
      if (sessions.length === 0) break;
      if (this.#saving) {
        // what is being saved must not change
        await this.#saving;
        continue;
      }
      for (const session of sessions) {
        for (const act of lessonsOf(this.#known(), session, this.#workflows)) {
          act();
          if (performance.now() < sliceEnd) continue;
          keepHeapLean();
          await setImmediate();
          if (this.#closed) return;
          if (this.#isForgotten()) continue pages;
          sliceEnd = performance.now() + SLICE_MS;
        }
        this.#position = session.id;
        this.#unsaved += session.steps.length;
        if (!this.#isDue()) continue;
        this.#save();
        continue pages;
      }
    }
    if (this.#unsaved >= SNAPSHOT_STEPS_MIN) this.#save();
  }

  /** Since the models were begun. */
  #isForgotten(): boolean {
    return this.#store.head().generation !== this.#generation;
  }

  async #begin(): Promise<void> {
    const { generation, position } = this.#store.head();
    // who asks meanwhile gets nothing of what was to be forgotten
    this.#models = undefined;
    this.#position = 0;
    const found = await this.#store.snapshot(snapshotVersion());
    // one that knows more than the log is of another log
    const restored = found && found.position <= position ? restoredModels(found.state) : undefined;
    this.#generation = generation;
    this.#models = restored;
    this.#position = restored && found ? found.position : 0;
    this.#unsaved = 0;
    this.#savedAt = performance.now();
  }

  #isDue(): boolean {
    if (this.#unsaved < SNAPSHOT_STEPS_MIN) return false;
    const pauseMs = Math.max(SNAPSHOT_PAUSE_MS, SNAPSHOT_PAUSE_TIMES * this.#saveMs);
    return performance.now() - this.#savedAt >= pauseMs;
  }

  /** Nothing is learned meanwhile; questions are answered from what is known when their time is over. */
  #save(): void {
    const beganAt = performance.now();
    const state = savedModels(this.#known());
    const snapshot = { position: this.#position, state };
    this.#unsaved = 0;
    this.#saving = this.#store
      .keepSnapshot(snapshotVersion(), this.#generation, snapshot)
      .catch((err: unknown) => log.info({ err }, 'what was learned could not be saved'))
      .finally(() => {
        this.#saving = undefined;
        this.#savedAt = performance.now();
        this.#saveMs = this.#savedAt - beganAt;
      });
  }
}
