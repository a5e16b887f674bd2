/** The journal contract over every adapter there is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store/open-store.ts';
import { journalSuite } from './journal.suite.ts';

journalSuite('sqlite store', () => {
  const home = mkdtempSync(join(tmpdir(), 'belay-journal-'));
  const dead = new Set<string>();
  const open = () => {
    const store = openStore(home, { isDead: ({ host }) => dead.has(host) });
    if (!store.ok) throw new Error(store.error.message);
    return store.value;
  };
  const [journal, other] = [open(), open()];
  return {
    journal,
    other,
    dead,
    end() {
      journal.close();
      other.close();
      rmSync(home, { recursive: true });
    },
  };
});
