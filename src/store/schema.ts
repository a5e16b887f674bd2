/**
 * The tables, as a list of migrations: the n-th entry leads from version n to n + 1 and is never edited once released.
 * 1. `events` is the truth; the others are rebuilt from it, except for `hosts`, `artifact_pins`, `feed` and those of webhooks.
 * 2. `runs.seq` and `runs.checksum` are those of the run's last event: the head an append links to.
 * 3. Listings read one index each, so finished runs cost nothing.
 */
import { CONCURRENCY_GROUPS } from './concurrency-groups.ts';
import { FEED_TABLE } from './feed.ts';
import { WEBHOOK_TABLES } from './webhooks/webhook-tables.ts';

const UNFINISHED = `status IN ('queued', 'running', 'waiting', 'paused', 'rolling_back')`;

/** `FROM` this: the planner, which knows no counts, would sort instead; a query that cannot use the index fails. */
export const FROM_UNFINISHED = `FROM runs INDEXED BY runs_unfinished WHERE ${UNFINISHED}`;

const FIRST = `
  CREATE TABLE events (
    run_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    host TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    v INTEGER NOT NULL,
    payload TEXT NOT NULL,
    checksum TEXT NOT NULL,
    PRIMARY KEY (run_id, seq)
  ) WITHOUT ROWID;

  CREATE TABLE runs (
    run_id TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    owner TEXT,
    -- somebody outside appended, or the owner was lost, since the last claim
    touched INTEGER NOT NULL DEFAULT 0,
    next_timer_at INTEGER,
    status TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    workflow TEXT NOT NULL,
    version TEXT NOT NULL,
    idempotency_key TEXT,
    reason TEXT
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX runs_by_key ON runs (idempotency_key) WHERE idempotency_key IS NOT NULL;
  CREATE INDEX runs_by_owner ON runs (owner) WHERE owner IS NOT NULL;
  CREATE INDEX runs_unfinished ON runs (created_at, run_id) WHERE ${UNFINISHED};
  CREATE INDEX runs_by_time ON runs (created_at, run_id);
  CREATE INDEX runs_by_workflow ON runs (workflow, created_at, run_id);
  CREATE INDEX runs_by_status ON runs (status, created_at, run_id);
  CREATE INDEX runs_by_workflow_status ON runs (workflow, status, created_at, run_id);

  CREATE TABLE steps (
    run_id TEXT NOT NULL,
    key TEXT NOT NULL,
    -- where the step was first heard of: its append, and its place in that append
    first_seq INTEGER NOT NULL,
    place INTEGER NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    exit_code INTEGER,
    error TEXT,
    PRIMARY KEY (run_id, key)
  ) WITHOUT ROWID;

  CREATE TABLE questions (
    run_id TEXT NOT NULL,
    question TEXT NOT NULL,
    step TEXT NOT NULL,
    status TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (run_id, question)
  ) WITHOUT ROWID;

  CREATE TABLE hosts (
    host TEXT NOT NULL PRIMARY KEY,
    pid INTEGER NOT NULL,
    start_time TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

/** Artifacts that runs have made and were given, and what people have pinned. */
const ARTIFACTS = `
  CREATE TABLE artifacts (
    run_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- of one that was given, its input
    name TEXT NOT NULL,
    step TEXT,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    path TEXT NOT NULL,
    -- a JSON list
    tags TEXT NOT NULL,
    pinned INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (run_id, kind, name)
  ) WITHOUT ROWID;
  CREATE INDEX artifacts_by_time ON artifacts (at);
  CREATE INDEX artifacts_by_object ON artifacts (sha256, kind);

  CREATE TABLE artifact_pins (
    run_id TEXT NOT NULL,
    name TEXT NOT NULL,
    pinned INTEGER NOT NULL,
    PRIMARY KEY (run_id, name)
  ) WITHOUT ROWID;
`;

/** Which run goes first, among all of them and in its concurrency group. */
const ORDER = `
  ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX runs_claimable ON runs (priority DESC, created_at, run_id) WHERE ${UNFINISHED};
  ${CONCURRENCY_GROUPS}
`;

/** As `FROM_UNFINISHED`, in the order in which they are claimed. */
export const FROM_CLAIMABLE = `FROM runs INDEXED BY runs_claimable WHERE ${UNFINISHED}`;

export const MIGRATIONS: readonly string[] = [FIRST, ARTIFACTS, ORDER, FEED_TABLE, WEBHOOK_TABLES];
