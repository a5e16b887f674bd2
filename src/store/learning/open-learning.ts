/**
 * What a data folder has learned from: `learning.db`, beside the journal. Nothing is made before somebody asks for it.
 * 1. Nothing is stored but what `clean-session` lets through.
 * 2. What is forgotten leaves no bytes behind.
 * 3. A database that is damaged is begun anew; what was learned of runs before is not learned again, since some of it may
 *    have been forgotten on purpose.
 */
import { LEARNED_CHARS_MAX, LEARNED_STEPS_MAX } from '../../engine/core/limits.ts';
import type { LearnedSession } from '../../learning/learned-session.ts';
import type { Database } from '../database.ts';
import { openSideDatabase, type SideDatabase } from '../database-file.ts';
import { cleanSessions } from './clean-session.ts';
import { type ForgetWish, type Forgotten, forgetSessions } from './forget-sessions.ts';
import {
  type KeptPattern,
  type KeptPatterns,
  loadPatterns,
  patternById,
  savePatterns,
} from './kept-patterns.ts';
import { LEARNING_MIGRATIONS } from './learning-schema.ts';
import { type ModelSnapshot, Snapshots } from './model-snapshot.ts';
import {
  type Added,
  type CommandCount,
  type Followers,
  type GoalSession,
  type LoggedSession,
  type LogHead,
  type LogSize,
  SessionLog,
} from './session-log.ts';

/** Every method may throw `StorageError`; nothing was written then. */
export interface LearningStore {
  /** All of them in one transaction. */
  add(sessions: readonly LearnedSession[]): Added;
  /** As `add`, and remembers that the run was looked at up to that event. */
  addRun(runId: string, seq: number, sessions: readonly LearnedSession[]): Added;
  /** Up to which event the run was looked at; 0: it was not. */
  seenSeq(runId: string): number;
  /** Runs that were created before have been looked at, epoch ms. */
  seenUntil(): number;
  markSeenUntil(atMs: number): void;
  head(): LogHead;
  after(position: number, limit: number): readonly LoggedSession[];
  goals(limit: number): readonly GoalSession[];
  left(position: number): number;
  followers(stub: string): Followers;
  timesOf(stub: string): number;
  startingWith(prefix: string, limit: number): readonly CommandCount[];
  forget(wish: ForgetWish): Forgotten;
  /** Of that version only. */
  snapshot(version: string): Promise<ModelSnapshot | undefined>;
  /** Kept only if nothing was forgotten since `generation`; written while others work, or at once when this is closed. */
  keepSnapshot(version: string, generation: number, snapshot: ModelSnapshot): Promise<void>;
  /** What was mined last, by that version. */
  patterns(version: string): KeptPatterns | undefined;
  /** Also one of before. */
  pattern(version: string, id: string): KeptPattern | undefined;
  /** Kept only if nothing was forgotten since `generation`. */
  keepPatterns(version: string, generation: number, mined: KeptPatterns): void;
  /** May be called again. */
  close(): void;
}

interface Opened {
  readonly db: Database;
  readonly log: SessionLog;
}

const SEE_RUN = 'INSERT OR REPLACE INTO seen_runs (run_id, seq) VALUES (?, ?)';
const SEEN_SEQ = 'SELECT seq FROM seen_runs WHERE run_id = ?';
const BEGIN_SEEN = 'UPDATE marks SET seen_until = ?';
const SEEN_UNTIL = 'SELECT seen_until FROM marks';
const MARK_SEEN = 'UPDATE marks SET seen_until = max(seen_until, ?)';

export function openLearning(
  home: string,
  now: () => number,
  max: LogSize = { steps: LEARNED_STEPS_MAX, chars: LEARNED_CHARS_MAX },
): LearningStore {
  let opened: Opened | undefined;
  const open = (): Opened => {
    if (opened) return opened;
    const db = openSideDatabase(home, databaseOf(now));
    opened = { db, log: new SessionLog(db, max) };
    return opened;
  };
  const snapshots = new Snapshots(() => open().db);
  const read: Read = (act) => open().db.guard(() => act(open()));
  const write = <T>(act: (opened: Opened) => T): T => open().db.write(() => act(open()));
  return {
    add(sessions) {
      // what takes long is done before others have to wait
      const clean = sessions.map(cleanSessions);
      return write(({ log }) => log.add(clean));
    },
    addRun(runId, seq, sessions) {
      const clean = sessions.map(cleanSessions);
      return write(({ log, db }) => {
        db.statement(SEE_RUN).run(runId, seq);
        return log.add(clean);
      });
    },
    seenSeq: (runId) => read(({ db }) => (db.statement(SEEN_SEQ).get(runId)?.seq ?? 0) as number),
    seenUntil: () => read(({ db }) => db.statement(SEEN_UNTIL).get()?.seen_until as number),
    markSeenUntil: (atMs) => void write(({ db }) => db.statement(MARK_SEEN).run(atMs)),
    ...logReads(read),
    forget(wish) {
      const forgotten = write(({ db }) => forgetSessions(db, wish));
      // the write-ahead log still has the pages as they were
      read(({ db }) => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
      return forgotten;
    },
    snapshot: (version) => snapshots.load(version),
    keepSnapshot: (version, generation, snapshot) => snapshots.keep(version, generation, snapshot),
    ...patternReads(read),
    keepPatterns: (version, generation, mined) =>
      write(({ db }) => savePatterns(db, version, generation, mined)),
    close() {
      snapshots.finish();
      opened?.db.close();
      opened = undefined;
    },
  };
}

type Read = <T>(act: (opened: Opened) => T) => T;

const logReads = (
  read: Read,
): Pick<LearningStore, 'head' | 'after' | 'goals' | 'left' | 'followers' | 'timesOf' | 'startingWith'> => ({
  head: () => read(({ log }) => log.head()),
  after: (position, limit) => read(({ log }) => log.after(position, limit)),
  goals: (limit) => read(({ log }) => log.goals(limit)),
  left: (position) => read(({ log }) => log.left(position)),
  followers: (stub) => read(({ log }) => log.followers(stub)),
  timesOf: (stub) => read(({ log }) => log.timesOf(stub)),
  startingWith: (prefix, limit) => read(({ log }) => log.startingWith(prefix, limit)),
});

const patternReads = (read: Read): Pick<LearningStore, 'patterns' | 'pattern'> => ({
  patterns: (version) => read(({ db }) => loadPatterns(db, version)),
  pattern: (version, id) => read(({ db }) => patternById(db, version, id)),
});

const databaseOf = (now: () => number): SideDatabase => ({
  name: 'learning.db',
  migrations: LEARNING_MIGRATIONS,
  // what the last moments before a power failure had added is found again in the journal, or imported again
  pragmas: 'PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON',
  begunAnew: (db) => db.write(() => db.statement(BEGIN_SEEN).run(now())),
});
