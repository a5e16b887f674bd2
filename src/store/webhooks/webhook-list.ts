/**
 * Webhooks that somebody has asked for. The secret of each is sealed with the key of the data folder, so that a copy of
 * the database alone signs nothing; whoever delivers opens it, nobody else.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { WEBHOOKS_MAX } from '../../engine/core/limits.ts';
import type { Database } from '../database.ts';
import { homeKey } from '../home-key.ts';

export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** Types of events, `step.*` for all of a kind, `*` for all. */
  readonly events: readonly string[];
  /** It may lie on this machine or in its network. */
  readonly allowPrivate: boolean;
  /** `disabled`: its receiver has said that it is gone. */
  readonly status: 'active' | 'disabled';
  readonly createdAt: number;
  readonly createdBy: string;
  /** Of the feed: events behind it are still to be looked at. */
  readonly position: number;
}

export interface NewWebhook {
  readonly url: string;
  readonly events: readonly string[];
  readonly secret: Uint8Array;
  readonly allowPrivate: boolean;
  readonly by: string;
  readonly atMs: number;
}

export interface WebhookList {
  /** It is told of what is committed from now on. `full`: there are as many as there may be. */
  add(wish: NewWebhook): Result<Webhook, 'full'>;
  /** Oldest first. */
  list(): readonly Webhook[];
  find(id: string): Webhook | undefined;
  /** Undefined where there is none, or the key of the data folder is another one than it was sealed with. */
  secretOf(id: string): Uint8Array | undefined;
  /** With all its deliveries; false where there is none. */
  remove(id: string): boolean;
  setStatus(id: string, status: Webhook['status']): void;
}

interface WebhookRecord {
  readonly webhook: string;
  readonly url: string;
  readonly events: string;
  readonly allow_private: number;
  readonly status: Webhook['status'];
  readonly created_at: number;
  readonly created_by: string;
  readonly position: number;
}

const COLUMNS = 'webhook, url, events, allow_private, status, created_at, created_by, position';
const COUNT = 'SELECT count(*) AS count FROM webhooks';
const INSERT = `INSERT INTO webhooks (webhook, url, events, secret, allow_private, status, created_at,
    created_by, position)
  VALUES (?, ?, ?, ?, ?, 'active', ?, ?, (SELECT coalesce(max(position), 0) FROM feed))`;
const ALL = `SELECT ${COLUMNS} FROM webhooks ORDER BY created_at, webhook`;
const ONE = `SELECT ${COLUMNS} FROM webhooks WHERE webhook = ?`;
const SECRET = 'SELECT secret FROM webhooks WHERE webhook = ?';
const REMOVE = 'DELETE FROM webhooks WHERE webhook = ?';
const REMOVE_DELIVERIES = 'DELETE FROM webhook_deliveries WHERE webhook = ?';
const SET_STATUS = 'UPDATE webhooks SET status = ? WHERE webhook = ?';

const ID_BYTES = 8;

export function webhookList(db: Database, home: string): WebhookList {
  const key = () => homeKey(home, 'webhook secrets');
  const find = (id: string) => {
    const found = db.guard(() => db.statement(ONE).get(id));
    return found && webhook(found as unknown as WebhookRecord);
  };
  return {
    find,
    add({ url, events, secret, allowPrivate, by, atMs }) {
      const id = `wh_${randomBytes(ID_BYTES).toString('hex')}`;
      const sealed = seal(key(), id, secret);
      const hasRoom = db.write(() => {
        if ((db.statement(COUNT).get()?.count as number) >= WEBHOOKS_MAX) return false;
        db.statement(INSERT).run(id, url, JSON.stringify(events), sealed, allowPrivate ? 1 : 0, atMs, by);
        return true;
      });
      return hasRoom ? ok(find(id)!) : err('full');
    },
    list: () => db.guard(() => db.statement(ALL).all() as unknown as WebhookRecord[]).map(webhook),
    secretOf(id) {
      const found = db.guard(() => db.statement(SECRET).get(id));
      return found && unseal(key(), id, found.secret as Uint8Array);
    },
    remove: (id) =>
      db.write(() => {
        db.statement(REMOVE_DELIVERIES).run(id);
        return db.statement(REMOVE).run(id).changes === 1;
      }),
    setStatus: (id, status) => db.write(() => void db.statement(SET_STATUS).run(status, id)),
  };
}

const webhook = (r: WebhookRecord): Webhook => ({
  id: r.webhook,
  url: r.url,
  events: JSON.parse(r.events) as string[],
  allowPrivate: r.allow_private === 1,
  status: r.status,
  createdAt: r.created_at,
  createdBy: r.created_by,
  position: r.position,
});

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Bound to its webhook: moved to another row it does not open. */
function seal(key: Uint8Array, id: string, secret: Uint8Array): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(id));
  const text = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]);
}

function unseal(key: Uint8Array, id: string, sealed: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(sealed);
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES))
    .setAAD(Buffer.from(id))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const secret = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([secret, decipher.final()]);
  } catch {
    return undefined;
  }
}
