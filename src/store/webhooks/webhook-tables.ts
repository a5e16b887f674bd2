/** The tables of webhooks: who wants to be told of what, what is on its way to them, and which server brings it. */

export const WEBHOOK_TABLES = `
  CREATE TABLE webhooks (
    webhook TEXT NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    -- a JSON list
    events TEXT NOT NULL,
    -- sealed with the key of the data folder
    secret BLOB NOT NULL,
    -- it may lie on this machine or in its network
    allow_private INTEGER NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    -- of the feed: what lies behind it is still to be looked at
    position INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE webhook_deliveries (
    webhook TEXT NOT NULL,
    position INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- of the last attempt: HTTP status, or why there was none
    answer INTEGER,
    error TEXT,
    PRIMARY KEY (webhook, position)
  ) WITHOUT ROWID;
  CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (webhook, status, position);

  CREATE TABLE webhook_lease (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    owner TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  );
`;
