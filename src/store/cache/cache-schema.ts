/**
 * The tables of `cache.db`, as a list of migrations like those of the journal. Nothing else can be made from them, and
 * nothing is lost with them but time.
 */

const FIRST = `
  CREATE TABLE entries (
    key TEXT NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    place TEXT NOT NULL,
    workflow TEXT NOT NULL,
    step TEXT NOT NULL,
    label TEXT,
    from_run TEXT NOT NULL,
    from_step TEXT NOT NULL,
    took_ms INTEGER,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    hits INTEGER NOT NULL DEFAULT 0,
    -- of the result and its list of files, without the files
    row_bytes INTEGER NOT NULL,
    file_bytes INTEGER NOT NULL,
    files INTEGER NOT NULL,
    result TEXT NOT NULL,
    manifest TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX entries_by_use ON entries (used_at, key);
  CREATE INDEX entries_by_end ON entries (expires_at);

  CREATE TABLE tags (
    tag TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (tag, key)
  ) WITHOUT ROWID;
  CREATE INDEX tags_by_key ON tags (key);

  -- how many entries bring an object back
  CREATE TABLE objects (
    sha256 TEXT NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL,
    uses INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE leases (
    key TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  -- one row: sums, so that no look at the size reads all entries
  CREATE TABLE totals (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    entries INTEGER NOT NULL,
    row_bytes INTEGER NOT NULL,
    object_bytes INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    misses INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    evicted INTEGER NOT NULL,
    saved_ms INTEGER NOT NULL
  );
  INSERT INTO totals VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0);
`;

export const CACHE_MIGRATIONS: readonly string[] = [FIRST];
