/**
 * Forgetting: what is asked for leaves the log, and everything that was made of the log with it. The bytes are written
 * over (`secure_delete`), so that nothing of them stays in the file.
 */
import type { Database } from '../database.ts';
import { CHARS } from './session-log.ts';

export type ForgetWish =
  /** All sessions of a run or an import, by their source. */
  | { readonly source: string }
  /** All commands and words with that text in them, upper and lower case alike; `*` stands for any text. */
  | { readonly pattern: string }
  | 'all';

export interface Forgotten {
  readonly steps: number;
  /** That are gone as a whole. */
  readonly sessions: number;
  /** Goals, intents, inputs and the like that were emptied where their session stays. */
  readonly words: number;
}

const RECOUNT = `UPDATE marks SET generation = generation + 1, steps = (SELECT count(*) FROM steps),
  chars = (SELECT ${CHARS} FROM steps)`;
const MADE_OF_THE_LOG = ['snapshots', 'snapshot_parts', 'patterns', 'mined'];
const RUN = 'run:';
const TICK_OFF = 'INSERT OR REPLACE INTO seen_runs (run_id, seq) VALUES (?, ?)';

/** Texts of a session besides its commands; what matches is emptied, the session stays. */
const WORDS = ['goal', 'inputs'];

/** Inside of `Database.write`. */
export function forgetSessions(db: Database, wish: ForgetWish): Forgotten {
  const before = counts(db);
  if (wish !== 'all' && 'source' in wish) tickOff(db, wish.source);
  const words =
    wish === 'all' ? all(db) : 'source' in wish ? bySource(db, wish.source) : byPattern(db, wish.pattern);
  db.statement('DELETE FROM sessions WHERE NOT EXISTS (SELECT 1 FROM steps WHERE session = id)').run();
  const after = counts(db);
  // also where nothing was found: the models may know what the log has pushed out
  db.statement(RECOUNT).run();
  for (const made of MADE_OF_THE_LOG) db.statement(`DELETE FROM ${made}`).run();
  return { steps: before.steps - after.steps, sessions: before.sessions - after.sessions, words };
}

/** The run is not learned from later either, if nobody had done so yet. */
function tickOff(db: Database, source: string): void {
  const runId = source.startsWith(RUN) ? source.slice(RUN.length) : undefined;
  if (runId !== undefined) db.statement(TICK_OFF).run(runId, Number.MAX_SAFE_INTEGER);
}

const counts = (db: Database): Omit<Forgotten, 'words'> =>
  db
    .statement('SELECT (SELECT count(*) FROM steps) AS steps, (SELECT count(*) FROM sessions) AS sessions')
    .get() as unknown as Omit<Forgotten, 'words'>;

function all(db: Database): number {
  db.statement('DELETE FROM steps').run();
  return 0;
}

function bySource(db: Database, source: string): number {
  db.statement('DELETE FROM steps WHERE session IN (SELECT id FROM sessions WHERE source = ?)').run(source);
  return 0;
}

/** How many other words were forgotten. */
function byPattern(db: Database, pattern: string): number {
  const like = `%${pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')}%`;
  const matches = (column: string): string => `${column} LIKE ? ESCAPE '\\'`;
  db.statement(`DELETE FROM steps WHERE ${matches('command')} OR ${matches('place')}`).run(like, like);
  const emptied = [
    db.statement(`UPDATE steps SET intent = NULL WHERE ${matches('intent')}`),
    ...WORDS.map((column) => db.statement(`UPDATE sessions SET ${column} = NULL WHERE ${matches(column)}`)),
    db.statement(`UPDATE sessions SET project = '' WHERE ${matches('project')}`),
  ];
  return emptied.reduce((sum, statement) => sum + Number(statement.run(like).changes), 0);
}
