/**
 * The tables of `learning.db`, as a list of migrations like those of the journal.
 * 1. `sessions` and `steps` are a log: rows are added at the end and removed, never changed but for what is forgotten.
 * 2. Ids of sessions only grow, also over removed ones, so that a place in the log keeps its meaning.
 * 3. `marks.generation` counts what was forgotten: whatever was made of an earlier generation is of no use.
 */

const FIRST = `
  CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    goal TEXT,
    project TEXT NOT NULL,
    workflow TEXT,
    ending TEXT,
    -- a JSON object
    inputs TEXT
  );
  CREATE INDEX sessions_by_source ON sessions (source);

  CREATE TABLE steps (
    session INTEGER NOT NULL,
    step INTEGER NOT NULL,
    command TEXT NOT NULL,
    stub TEXT NOT NULL,
    exit_code INTEGER,
    duration_ms INTEGER,
    place TEXT,
    intent TEXT,
    PRIMARY KEY (session, step)
  ) WITHOUT ROWID;
  CREATE INDEX steps_by_stub ON steps (stub, session, step);

  -- runs whose events were looked at, up to which one; forgetting what was learned leaves them
  CREATE TABLE seen_runs (
    run_id TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL
  ) WITHOUT ROWID;

  -- one row
  CREATE TABLE marks (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL,
    -- sums of the log, so that no look at its size reads all of it
    steps INTEGER NOT NULL,
    chars INTEGER NOT NULL,
    -- runs that were created before are seen, epoch ms
    seen_until INTEGER NOT NULL
  );
  INSERT INTO marks VALUES (1, 0, 0, 0, 0);

  -- at most one row: everything learned up to a session
  CREATE TABLE snapshots (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version TEXT NOT NULL,
    position INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    bytes BLOB NOT NULL
  );
`;

const PATTERNS = `
  -- one row: up to which session was mined, how many sessions, and by which version
  CREATE TABLE mined (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version TEXT NOT NULL,
    position INTEGER NOT NULL,
    sessions INTEGER NOT NULL
  );

  -- what was found then, those with the position of \`mined\`; and some of before
  CREATE TABLE patterns (
    id TEXT NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    position INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    -- a JSON object
    found TEXT NOT NULL
  ) WITHOUT ROWID;
`;

const SNAPSHOT_PARTS = `
  -- at most one row: everything learned up to a session; its bytes are the parts of that attempt
  DROP TABLE snapshots;
  CREATE TABLE snapshots (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version TEXT NOT NULL,
    position INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    parts INTEGER NOT NULL
  );

  -- also those of attempts that are under way, or were when their process ended
  CREATE TABLE snapshot_parts (
    attempt TEXT NOT NULL,
    part INTEGER NOT NULL,
    -- what the bytes unpack to
    size INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (attempt, part)
  );
`;

export const LEARNING_MIGRATIONS: readonly string[] = [FIRST, PATTERNS, SNAPSHOT_PARTS];
