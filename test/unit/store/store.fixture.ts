/** Scratch homes, opened stores and raw access to the file, for the tests of the store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { openStore, type Store, type StoreOptions } from '../../../src/store/open-store.ts';

export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'belay-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opened, and closed when the test ends. */
export function opened(home: string, options: StoreOptions = {}): Store {
  const store = openStore(home, options);
  if (!store.ok) throw new Error(`${store.error.code}: ${store.error.message}`);
  onTestFinished(() => store.value.close());
  return store.value;
}

/** Runs SQL behind the store's back. */
export function tamper(home: string, sql: string): void {
  const db = new DatabaseSync(join(home, 'belay.db'));
  db.exec(sql);
  db.close();
}
