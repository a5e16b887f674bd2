/**
 * The log of what was learned from: adds sessions, hands them out in order, and counts in it.
 * 1. A session is added as a whole or not at all, and each key once.
 * 2. The log is bounded: what is added last pushes out what was added first.
 */
import type { FinalStatus } from '../../engine/core/events.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { LearnedSession, LearnedStep } from '../../learning/learned-session.ts';
import type { Database } from '../database.ts';
import type { CleanSession } from './clean-session.ts';

/** Of the times that a stub came, those that are counted: the newest. */
const COUNTED_MAX = 5_000;

/** A session with its place in the log. */
export interface LoggedSession extends LearnedSession {
  readonly id: number;
}

/** Of the log, or of a part of it: commands, and the characters of them and of the words told with them. */
export interface LogSize {
  readonly steps: number;
  readonly chars: number;
}

/** In SQL, over rows of `steps`. */
export const CHARS = 'coalesce(sum(length(command) + coalesce(length(intent), 0)), 0)';

export interface Added {
  readonly sessions: number;
  readonly steps: number;
  /** Sessions that were there already. */
  readonly known: number;
}

/** How far the log goes. */
export interface LogHead {
  readonly generation: number;
  /** Id of the last session; 0: there is none. */
  readonly position: number;
  readonly steps: number;
}

/** What came right after the commands of one stub, within a session. */
export interface Followers {
  readonly total: number;
  readonly byStub: ReadonlyMap<string, number>;
}

/** A session that had a goal and no workflow. */
export interface GoalSession {
  readonly id: number;
  readonly goal: string;
}

export interface CommandCount {
  readonly command: string;
  readonly times: number;
}

interface SessionRow {
  readonly id: number;
  readonly key: string;
  readonly source: string;
  readonly at: number;
  readonly goal: string | null;
  readonly project: string;
  readonly workflow: string | null;
  readonly ending: FinalStatus | null;
  readonly inputs: string | null;
}

interface StepRow {
  readonly command: string;
  readonly exit_code: number | null;
  readonly duration_ms: number | null;
  readonly place: string | null;
  readonly intent: string | null;
}

const ADD_SESSION = `INSERT INTO sessions (key, source, at, goal, project, workflow, ending, inputs)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING RETURNING id`;
const ADD_STEP = `INSERT INTO steps (session, step, command, stub, exit_code, duration_ms, place, intent)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const COUNT = 'UPDATE marks SET steps = steps + ?, chars = chars + ? RETURNING steps, chars';
const OLDEST = 'SELECT min(id) AS id FROM sessions';
const SIZE = `SELECT count(*) AS steps, ${CHARS} AS chars FROM steps WHERE session = ?`;
const DROP_STEPS = 'DELETE FROM steps WHERE session = ?';
const DROP_SESSION = 'DELETE FROM sessions WHERE id = ?';
const HEAD = 'SELECT generation, steps, (SELECT max(id) FROM sessions) AS position FROM marks';
const AFTER = `SELECT id, key, source, at, goal, project, workflow, ending, inputs FROM sessions
  WHERE id > ? ORDER BY id LIMIT ?`;
const STEPS = `SELECT command, exit_code, duration_ms, place, intent FROM steps WHERE session = ? ORDER BY step`;
const GOALS = `SELECT id, goal FROM sessions WHERE goal IS NOT NULL AND workflow IS NULL ORDER BY id DESC LIMIT ?`;
const LEFT = 'SELECT count(*) AS steps FROM steps WHERE session > ?';
const FOLLOWERS = `SELECT next.stub AS stub, count(*) AS times
  FROM (SELECT session, step FROM steps WHERE stub = ? ORDER BY session DESC, step DESC LIMIT ${COUNTED_MAX}) AS here
  JOIN steps AS next ON next.session = here.session AND next.step = here.step + 1 GROUP BY next.stub`;

const TIMES = 'SELECT count(*) AS times FROM steps WHERE stub = ?';
const STARTING = `SELECT command, count(*) AS times FROM steps WHERE substr(command, 1, length(?1)) = ?1
  GROUP BY command ORDER BY times DESC, max(session) DESC LIMIT ?2`;

export class SessionLog {
  readonly #db: Database;
  readonly #max: LogSize;

  constructor(db: Database, max: LogSize) {
    this.#db = db;
    this.#max = max;
  }

  /** Inside of `Database.write`; each session as the parts that it is kept in. */
  add(sessions: readonly (readonly CleanSession[])[]): Added {
    let [added, known, steps] = [0, 0, 0];
    for (const [first, ...more] of sessions) {
      if (!first || first.steps.length === 0) continue;
      if (this.#insert(first)) {
        added += 1;
        for (const part of more) this.#insert(part);
        for (const part of [first, ...more]) steps += part.steps.length;
      } else known += 1;
    }
    if (steps > 0) this.#makeRoom();
    return { sessions: added, steps, known };
  }

  head(): LogHead {
    const { generation, position, steps } = this.#db.statement(HEAD).get() as unknown as {
      readonly generation: number;
      readonly position: number | null;
      readonly steps: number;
    };
    return { generation, position: position ?? 0, steps };
  }

  /** Sessions behind that place, in order. */
  after(position: number, limit: number): readonly LoggedSession[] {
    const rows = this.#db.statement(AFTER).all(position, limit) as unknown as readonly SessionRow[];
    return rows.map((row) => ({
      id: row.id,
      key: row.key,
      source: row.source,
      at: row.at,
      project: row.project,
      ...(row.goal !== null && { goal: row.goal }),
      ...(row.workflow !== null && { workflow: row.workflow }),
      ...(row.ending !== null && { ending: row.ending }),
      ...(row.inputs !== null && { inputs: JSON.parse(row.inputs) as JsonObject }),
      steps: this.#steps(row.id),
    }));
  }

  /** The newest first. */
  goals(limit: number): readonly GoalSession[] {
    return this.#db.statement(GOALS).all(limit) as unknown as readonly GoalSession[];
  }

  /** Commands behind that place. */
  left(position: number): number {
    return (this.#db.statement(LEFT).get(position) as unknown as { readonly steps: number }).steps;
  }

  followers(stub: string): Followers {
    const rows = this.#db.statement(FOLLOWERS).all(stub) as unknown as readonly {
      readonly stub: string;
      readonly times: number;
    }[];
    const total = rows.reduce((sum, { times }) => sum + times, 0);
    return { total, byStub: new Map(rows.map((row) => [row.stub, row.times])) };
  }

  /** How often commands of that stub were run. */
  timesOf(stub: string): number {
    return (this.#db.statement(TIMES).get(stub) as unknown as { readonly times: number }).times;
  }

  /** Commands that begin so, the most frequent first. */
  startingWith(prefix: string, limit: number): readonly CommandCount[] {
    return this.#db.statement(STARTING).all(prefix, limit) as unknown as readonly CommandCount[];
  }

  #steps(session: number): readonly LearnedStep[] {
    const rows = this.#db.statement(STEPS).all(session) as unknown as readonly StepRow[];
    return rows.map(({ command, exit_code, duration_ms, place, intent }) => ({
      command,
      ...(exit_code !== null && { exitCode: exit_code }),
      ...(duration_ms !== null && { durationMs: duration_ms }),
      ...(place !== null && { place }),
      ...(intent !== null && { intent }),
    }));
  }

  #insert({ key, source, at, goal, project, workflow, ending, inputs, steps }: CleanSession): boolean {
    const row = this.#db
      .statement(ADD_SESSION)
      .get(
        key,
        source,
        at,
        goal ?? null,
        project,
        workflow ?? null,
        ending ?? null,
        inputs ? JSON.stringify(inputs) : null,
      ) as { readonly id: number } | undefined;
    if (!row) return false;
    const insert = this.#db.statement(ADD_STEP);
    for (const [at, { command, stub, exitCode, durationMs, place, intent }] of steps.entries())
      insert.run(
        row.id,
        at,
        command,
        stub,
        exitCode ?? null,
        durationMs ?? null,
        place ?? null,
        intent ?? null,
      );
    const { steps: count, chars } = this.#sizeOf(row.id);
    this.#db.statement(COUNT).run(count, chars);
    return true;
  }

  #sizeOf(session: number): LogSize {
    return this.#db.statement(SIZE).get(session) as unknown as LogSize;
  }

  #makeRoom(): void {
    let size = this.#db.statement(COUNT).get(0, 0) as unknown as LogSize;
    while (size.steps > this.#max.steps || size.chars > this.#max.chars) {
      const { id } = this.#db.statement(OLDEST).get() as unknown as { readonly id: number };
      const { steps, chars } = this.#sizeOf(id);
      this.#db.statement(DROP_STEPS).run(id);
      this.#db.statement(DROP_SESSION).run(id);
      size = this.#db.statement(COUNT).get(-steps, -chars) as unknown as LogSize;
    }
  }
}
