/**
 * What comes next: ranks the next command at three levels (stub, template, raw line) from the commands before it,
 * how they ended, the place, the goal of the session and the words told with the step; learns each command once.
 * Pure: no clock, no chance, no I/O. Every table is bounded, so a long history costs no more than a full one.
 */
import type { Result } from '../engine/core/failure.ts';
import type { Habits } from './habits/habits.ts';
import { hashText } from './rank/hash.ts';
import { type RankedLabel, Ranker, type RankerState, type Ranking } from './rank/ranker.ts';
import { reasonsFor } from './rank/reasons.ts';
import { SessionCounts } from './rank/session-counts.ts';
import { situationAt, type ToldText, type TrailStep } from './rank/situation.ts';
import { GoalMemory, type GoalMemoryState, type GoalPlace } from './recall/goal-memory.ts';
import { StepMemory, type StepMemoryState } from './recall/step-memory.ts';
import { type CommandReading, readCommand } from './shell/read-command.ts';
import { must, wholeState } from './state-check.ts';
import { readTold } from './text/told-text.ts';

export const LEVELS = ['stub', 'template', 'raw'] as const;
export type Level = (typeof LEVELS)[number];

/** Where the next command would be typed, and what its writer says it is for. */
export interface Asked {
  readonly place?: string | undefined;
  readonly intent?: string | undefined;
}

export interface Observation extends Asked {
  readonly command: string;
  readonly exitCode?: number | null | undefined;
}

export interface Suggestion {
  readonly label: string;
  /** The chance that the next command bears this label. */
  readonly confidence: number;
  /** The last command that bore the label. */
  readonly example: string;
  readonly reasons: readonly string[];
  /** How often it was learned; 0 where it is only usual elsewhere. */
  readonly times: number;
}

export interface Prediction {
  /** Best first, at most `limit` at each level. */
  readonly suggestions: Readonly<Record<Level, readonly Suggestion[]>>;
  /** False where the best is so uncertain that silence is better. */
  readonly advised: Readonly<Record<Level, boolean>>;
}

/** One run of commands by one writer. Kept by the caller, changed by `learn`. */
export interface CommandSession {
  readonly counts: readonly SessionCounts[];
  readonly goal: GoalPlace;
  /** More was done before, and nobody knows what. */
  readonly isCut: boolean;
  readonly trail: TrailStep[];
  lastIds: readonly number[] | undefined;
  pending: Pending | undefined;
}

interface Pending {
  readonly asked: Asked;
  readonly text: ToldText | undefined;
  readonly rankings: readonly Ranking[];
}

export interface CommandModelState {
  readonly version: 1;
  /** Of the habits that the model began with; empty where there were none. */
  readonly edition: string;
  readonly rankers: readonly RankerState[];
  readonly steps: StepMemoryState;
  readonly goals: GoalMemoryState;
}

export interface CommandModelOptions {
  /** How a command is read; the product's own reading if not given. */
  readonly read?: (command: string) => CommandReading;
  /** What is usual before anything is learned; nothing if not given. */
  readonly habits?: Habits | undefined;
  /** How many contexts are remembered at each level. */
  readonly rowsMax?: number;
}

const LABELS_MAX = 20_000;
const ROWS_MAX = 60_000;
const TRAIL_MAX = 64;
const COMMAND_CHARS_MAX = 4096;
const WORDS_MAX = 40;
const WORDS_CHARS_MAX = 400;
const ADVISED_MIN = 0.15;

export class CommandModel {
  readonly #rankers: readonly Ranker[];
  readonly #edition: string;
  readonly #steps = new StepMemory();
  readonly #goals = new GoalMemory();
  readonly #read: (command: string) => CommandReading;

  constructor(
    { read = readCommand, habits, rowsMax = ROWS_MAX }: CommandModelOptions = {},
    state?: CommandModelState,
  ) {
    this.#read = read;
    this.#edition = habits?.edition ?? '';
    this.#rankers = LEVELS.map(
      (_, level) => new Ranker(level, { labelsMax: LABELS_MAX, rowsMax, habits: habits?.levels[level] }),
    );
    if (state) this.#restore(state);
    else for (const ranker of this.#rankers) ranker.begin();
  }

  /** A session with nothing done yet; `goal` says what it is for. `isCut`: what came before is not known. */
  begin(goal?: string, isCut = false): CommandSession {
    const counts = LEVELS.map(() => new SessionCounts());
    return {
      counts,
      goal: this.#goals.begin(goal),
      isCut,
      trail: [],
      lastIds: undefined,
      pending: undefined,
    };
  }

  predict(session: CommandSession, asked: Asked, limit: number): Prediction {
    const { rankings } = this.#rank(session, asked);
    const at = <T>(shape: (ranking: Ranking) => T): Record<Level, T> => {
      const [stub, template, raw] = rankings.map(shape);
      return { stub: stub as T, template: template as T, raw: raw as T };
    };
    return {
      suggestions: at((ranking) =>
        ranking.ranked.slice(0, limit).map(({ entry, confidence, times }) => ({
          label: entry.label,
          confidence,
          example: entry.example,
          reasons: reasonsFor(entry, ranking),
          times,
        })),
      ),
      advised: at(({ ranked }) => (ranked[0]?.confidence ?? 0) >= ADVISED_MIN),
    };
  }

  /** Learns the command that came. Call it once for each command, in the order of the session. */
  learn(session: CommandSession, { command, exitCode, ...asked }: Observation): void {
    const { text, rankings } = this.#rank(session, asked);
    const silent = text && this.#silent(rankings);
    const { stub, template, raw, parts } = this.#read(command);
    const labels = [stub, template, raw];
    const example = command.slice(0, COMMAND_CHARS_MAX);
    const ids = this.#rankers.map((ranker, level) => {
      const label = { label: labels[level] as string, parent: labels[level - 1] ?? '', example };
      const counts = session.counts[level] as SessionCounts;
      return ranker.learn(label, rankings[level] as Ranking, silent?.[level], counts).id;
    });
    if (text) this.#steps.learn(text, ids);
    this.#goals.learn(session.goal, session.lastIds, ids);
    session.lastIds = ids;
    remember(session, labels, parts, command, exitCode);
  }

  /** Takes a command into the session without learning from it: what was done before somebody asks. */
  follow(session: CommandSession, { command, exitCode }: Observation): void {
    const { trail, isCut } = session;
    const reading = this.#read(command);
    const labels = [reading.stub, reading.template, reading.raw];
    session.lastIds = this.#rankers.map((ranker, level) => {
      const counts = session.counts[level] as SessionCounts;
      const parent = labels[level - 1] ?? '';
      const moment = { trail, isCut, place: 0, text: undefined, votes: [], parents: undefined };
      return ranker.follow(labels[level] as string, parent, situationAt(level, moment), counts);
    });
    remember(session, labels, reading.parts, command, exitCode);
  }

  /**
   * Everything learned, as plain data: structured cloning keeps it whole. It holds until the next command is learned, and
   * shares most arrays with the model: a copy of each would double a large model's memory.
   */
  snapshot(): CommandModelState {
    return {
      version: 1,
      edition: this.#edition,
      rankers: this.#rankers.map((ranker) => ranker.snapshot()),
      steps: this.#steps.snapshot(),
      goals: this.#goals.snapshot(),
    };
  }

  /** The error says what of the state is broken; nothing of it is used then. */
  static restore(state: CommandModelState, options: CommandModelOptions = {}): Result<CommandModel, string> {
    return wholeState(() => {
      // without one it would begin anew, and nobody would learn what is missing
      must(Boolean(state), 'a state');
      return new CommandModel(options, state);
    });
  }

  #restore({ edition, rankers, steps, goals }: CommandModelState): void {
    must(edition === this.#edition, 'the habits that it began with');
    for (const [level, ranker] of this.#rankers.entries()) ranker.restore(rankers[level] as RankerState);
    this.#steps.restore(steps);
    this.#goals.restore(goals);
  }

  #rank(session: CommandSession, asked: Asked): Pending {
    const { pending } = session;
    if (pending && pending.asked.place === asked.place && pending.asked.intent === asked.intent)
      return pending;
    const text = readTold(asked.intent);
    session.pending = { asked, text, rankings: this.#rankings(session, asked, text) };
    return session.pending;
  }

  /** What would have been ranked without words: the same candidates, so that it costs little. */
  #silent(told: readonly Ranking[]): readonly Ranking[] {
    const rankings: Ranking[] = [];
    for (const [level, ranker] of this.#rankers.entries()) {
      const ranking = told[level] as Ranking;
      const parents = level > 0 ? sharesOf(rankings[level - 1]?.ranked ?? []) : undefined;
      const moment = { ...ranking.situation, text: undefined, parents };
      rankings.push(ranker.silent(ranking, situationAt(level, moment)));
    }
    return rankings;
  }

  #rankings(session: CommandSession, asked: Asked, text: ToldText | undefined): readonly Ranking[] {
    const near = this.#steps.near(text);
    const place = asked.place ? hashText(asked.place) : 0;
    const rankings: Ranking[] = [];
    for (const [level, ranker] of this.#rankers.entries()) {
      const votes = [
        ...this.#steps.votes(level, near, text),
        ...this.#goals.votes(level, session.goal, session.lastIds?.[level]),
      ];
      const parents = level > 0 ? sharesOf(rankings[level - 1]?.ranked ?? []) : undefined;
      const situation = situationAt(level, {
        trail: session.trail,
        isCut: session.isCut,
        place,
        text,
        votes,
        parents,
      });
      rankings.push(ranker.predict(situation, session.counts[level] as SessionCounts));
    }
    return rankings;
  }
}

function remember(
  session: CommandSession,
  labels: readonly string[],
  parts: readonly string[],
  command: string,
  exitCode: number | null | undefined,
): void {
  session.pending = undefined;
  session.trail.push({
    hashes: labels.map(hashText),
    ending: exitCode === null || exitCode === undefined ? 'unknown' : exitCode === 0 ? 'fine' : 'failed',
    parts: parts.map(hashText),
    words: wordHashes(command),
  });
  if (session.trail.length > TRAIL_MAX) session.trail.shift();
}

const sharesOf = (ranked: readonly RankedLabel[]): ReadonlyMap<string, number> =>
  new Map(ranked.slice(0, 30).map(({ entry, confidence }) => [entry.label, confidence]));

function wordHashes(command: string): readonly number[] {
  const words = new Set(command.slice(0, WORDS_CHARS_MAX).match(/[\w.-]+/g));
  return [...words].slice(0, WORDS_MAX).map(hashText);
}
