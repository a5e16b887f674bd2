/**
 * Learning as one opened Belay has it: the log, the feed of runs, and the models, which are loaded when somebody asks.
 */
import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Journal } from '../../engine/core/ports.ts';
import type { Host } from '../../engine/host/host.ts';
import type { ForgetWish, Forgotten } from '../../store/learning/forget-sessions.ts';
import { type LearningStore, openLearning } from '../../store/learning/open-learning.ts';
import { settingsPath } from '../home-folder.ts';
import type { StepCatalogue } from '../step-catalogue.ts';
import type { Learner } from './learner.ts';
import type { PatternMiner } from './pattern-miner.ts';
import { RunFeed } from './run-feed.ts';
import type { KnownWorkflows } from './suggest-workflows.ts';

/** What forgetting may take to look at runs first; a thousand of them take a second. */
const FORGET_MS = 60_000;
/** Words of BELAY_LEARNING that turn it off. */
const OFF = /^(?:off|0|false|no)$/i;

export interface Learning {
  readonly store: LearningStore;
  /** Looks for runs that have ended; what takes longer than that is left for later looks. */
  catchUp(budgetMs: number): Promise<void>;
  /** Also what of it is in runs that nobody has learned from yet. */
  forget(wish: ForgetWish): Promise<Forgotten>;
  /** `workflows`: those that are there when somebody learns. */
  learner(workflows: () => KnownWorkflows): Promise<Learner>;
  /** `catalogue`: the step types that a mined workflow may use. */
  miner(catalogue: StepCatalogue): Promise<PatternMiner>;
  follow(host: Host): void;
  /** Before the journal is closed. */
  close(): void;
}

export function openLearningOf(home: string, journal: Journal, now: () => number): Learning {
  const store = openLearning(home, now);
  let isOn: boolean | undefined;
  let learner: Promise<Learner> | undefined;
  let miner: Promise<PatternMiner> | undefined;
  const known = learningIsOn(home).then(
    (on) => {
      isOn = on;
    },
    () => {
      isOn = false;
    },
  );
  const feed = new RunFeed({ journal, learning: store, isOn: () => isOn });
  const catchUp = async (budgetMs: number): Promise<void> => {
    await known;
    const untilMs = performance.now() + budgetMs;
    while (!feed.catchUp() && performance.now() < untilMs) await setImmediate();
  };
  return {
    store,
    catchUp,
    async forget(wish) {
      await catchUp(FORGET_MS);
      return store.forget(wish);
    },
    learner(workflows) {
      learner ??= import('./learner.ts').then(({ Learner }) => new Learner(store, workflows));
      return learner;
    },
    miner(catalogue) {
      miner ??= import('./pattern-miner.ts').then(({ PatternMiner }) => new PatternMiner(store, catalogue));
      return miner;
    },
    follow: (host) => feed.follow(host),
    close() {
      feed.close();
      void learner?.then((one) => one.close());
      void miner?.then((one) => one.close());
      store.close();
    },
  };
}

/** Unless the environment or the settings of the data folder say no; settings that cannot be read allow nothing. */
async function learningIsOn(home: string): Promise<boolean> {
  if (OFF.test(process.env.BELAY_LEARNING ?? '')) return false;
  if (!existsSync(settingsPath(home))) return true;
  const { readSettings } = await import('../settings.ts');
  const settings = readSettings(home);
  return settings.ok && settings.value.learning !== false;
}
