/**
 * A process of its own that works off the runs of one concurrency group, for the test with several of them.
 * Arguments: home, host. Prints `in RUN` and `out RUN` around each run that it has, ends when none is left.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootId, processStartTime } from '../../../src/store/liveness.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { batch, change } from '../../contract/journal.fixture.ts';

const [home, host] = process.argv.slice(2) as [string, string];
const opened = openStore(home);
if (!opened.ok) throw new Error(opened.error.message);
const store = opened.value;
store.renew(
  { host, pid: process.pid, startTime: processStartTime(process.pid), bootId: bootId() },
  Date.now(),
);
// appended whole, in the order in which the processes wrote
const say = (line: string) => appendFileSync(join(home, 'said'), `${line}\n`);
const left = () => store.runs({ status: 'queued', limit: 100 }).runs;

while (left().length > 0) {
  // not only who is first in line, so that the claim itself has to refuse
  for (const { runId } of left()) {
    const claimed = store.claim(runId, host, Date.now());
    if (!claimed.ok) continue;
    say(`in ${runId}`);
    say(`out ${runId}`);
    const group = { name: 'g', isMember: false, hasEntered: false, replaces: false };
    const end = batch(runId, 2, { host, epoch: claimed.value.epoch, change: change('succeeded', { group }) });
    const [appended] = store.append([end]);
    if (appended?.ok !== true) throw new Error(JSON.stringify(appended));
  }
}
store.close();
