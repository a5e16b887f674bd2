/**
 * A process of its own that works on a shared home, for the tests with several processes and with kill -9.
 * Arguments: home, task, host, count. Prints one line for each thing that the store acknowledged.
 */
import { writeSync } from 'node:fs';
import { bootId, processStartTime } from '../../../src/store/liveness.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { batch, change, created, skipped } from '../../contract/journal.fixture.ts';

const [home, task, host, count] = process.argv.slice(2) as [string, string, string, string];
const say = (line: string) => writeSync(1, `${line}\n`);
const identity = { host, pid: process.pid, startTime: processStartTime(process.pid), bootId: bootId() };

/** Appends to one run that the others append to as well; says the sequence number it got. */
function share(store: Store): void {
  for (let done = 0; done < Number(count); ) {
    const [answer] = store.append([
      batch('shared', store.run('shared')!.seq, { host, events: [skipped(`${host}-${done}`)] }),
    ]);
    if (answer?.ok !== true) continue;
    say(String(answer.value[0]!.seq));
    done++;
  }
}

/** Claims and gives back whatever it can get; says which run under which epoch. */
function claim(store: Store): void {
  store.renew(identity, Date.now());
  for (let i = 0; i < Number(count); i++) {
    const runId = `run${i % 5}`;
    const claimed = store.claim(runId, host, Date.now());
    if (!claimed.ok) continue;
    say(`${runId} ${claimed.value.epoch}`);
    store.releaseRun(runId, host);
  }
}

/** Starts a run under a key that the others use too; says which run it is. */
function key(store: Store): void {
  const event = created({ idempotency_key: 'the key' });
  const made = store.create(host, event, { host, atMs: 0 }, change('queued'));
  if (made.ok) say(made.value.existing ?? host);
}

/** Takes the run over and appends until it is killed, by itself after `count` events if that is not 0. */
function write(store: Store): void {
  store.renew(identity, Date.now());
  const claimed = store.claim('shared', host, Date.now());
  if (!claimed.ok) throw new Error(`run is ${claimed.error}`);
  let { seq } = store.run('shared')!;
  for (let done = 0; ; done++) {
    if (done > 0 && done === Number(count)) process.kill(process.pid, 'SIGKILL');
    const events = [skipped(`${seq}`), skipped('x'.repeat((seq * 37) % 5_000))];
    const [answer] = store.append([batch('shared', seq, { host, epoch: claimed.value.epoch, events })]);
    if (answer?.ok !== true) throw new Error(JSON.stringify(answer));
    seq = answer.value.at(-1)!.seq;
    say(String(seq));
  }
}

const store = openStore(home);
if (!store.ok) throw new Error(store.error.message);
({ share, claim, key, write })[task]!(store.value);
store.value.close();
