/**
 * Runs on a small disk of its own: fills it through the store, then looks at what is left.
 * Argument: folder of that disk. Prints one JSON document.
 */
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { batch, skipped, start } from '../../contract/journal.fixture.ts';

const [disk] = process.argv.slice(2) as [string];
const home = join(disk, 'home');
const ballast = join(disk, 'ballast');

function appendUntilRefused(store: Store): unknown {
  for (;;) {
    const seq = store.run('r1')!.seq;
    const large = [skipped('x'.repeat(3_000))];
    const answers = store.append([
      batch('r1', seq, { events: large }),
      batch('r1', seq + 1, { events: large }),
    ]);
    if (answers.some((answer) => !answer.ok)) return { acknowledged: seq, answers };
  }
}

/** To the last byte. */
function fill(): void {
  const file = openSync(ballast, 'w');
  try {
    for (;;) writeSync(file, Buffer.alloc(512));
  } catch {
    closeSync(file);
  }
}

const store = openStore(home);
if (!store.ok) throw new Error(store.error.message);
start(store.value, 'r1');
writeFileSync(ballast, Buffer.alloc(200_000));
const refused = appendUntilRefused(store.value);
const readable = store.value.read('r1');
let blob = 'written';
try {
  store.value.putBlob(Buffer.alloc(1_000_000));
} catch (error) {
  blob = (error as Error).message;
}
const reader = openStore(home, { readOnly: true });
const readOnly = reader.ok ? reader.value.read('r1') : reader;
if (reader.ok) reader.value.close();
const fresh = openStore(join(disk, 'other'));
rmSync(ballast);
const seq = store.value.run('r1')!.seq;
const again = store.value.append([batch('r1', seq)])[0]?.ok;
store.value.close();
const reopened = openStore(home);
const kept = reopened.ok && reopened.value.read('r1');
if (reopened.ok) reopened.value.close();
fill();
const closed = openStore(home, { readOnly: true });
const afterStop = closed.ok ? closed.value.read('r1') : closed;
const events = (read: typeof readable) => (read.ok ? read.value.length : read.error.message);
console.log(
  JSON.stringify({
    refused,
    readable: events(readable),
    writer: openStore(home).ok,
    afterStop: afterStop.ok ? afterStop.value.length : afterStop.error.message,
    readOnly: readOnly.ok ? readOnly.value.length : readOnly.error.message,
    blob,
    fresh: fresh.ok ? 'opened' : fresh.error.code,
    again,
    kept: kept && events(kept),
  }),
);
