/**
 * A host in a process of its own that drives every run of a home to its end, for the tests with kill -9.
 * Arguments: home, then a write of the journal, `before` or `after`, and a signal: the process sends it to itself there.
 * Says `ready` before it claims anything. It also plays the people outside (`people.ts`).
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openSnapshots } from '../../src/checkpoint/open-snapshots.ts';
import { isFinal } from '../../src/engine/core/events.ts';
import { err, ok } from '../../src/engine/core/failure.ts';
import type { Journal } from '../../src/engine/core/ports.ts';
import { Host } from '../../src/engine/host/host.ts';
import { createProcessRunner } from '../../src/engine/host/process/process-runner.ts';
import { request } from '../../src/engine/host/run-requests.ts';
import { systemClock } from '../../src/engine/host/system-clock.ts';
import { stepType } from '../../src/steps/catalogue.ts';
import { artifactFolder } from '../../src/store/artifacts/artifact-folder.ts';
import { artifactIntake } from '../../src/store/artifacts/artifact-intake.ts';
import { localArtifacts } from '../../src/store/artifacts/local-artifacts.ts';
import { bootId, processStartTime } from '../../src/store/liveness.ts';
import { openStore } from '../../src/store/open-store.ts';
import { wish } from './people.ts';

/** How often people look when nothing is committed. */
const LOOK_MS = 50;

const [home = '', at = '0', when = 'before', signal = 'SIGKILL'] = process.argv.slice(2);

/** Dies, or stands still, at the wanted write; claims are writes too. */
function mortal(journal: Journal): Journal {
  let writes = 0;
  const write = <T>(act: () => T): T => {
    writes += 1;
    const last = writes === Number(at);
    if (last && when === 'before') process.kill(process.pid, signal);
    const result = act();
    if (last && when === 'after') process.kill(process.pid, signal);
    return result;
  };
  return {
    ...journal,
    append: (batches) => write(() => journal.append(batches)),
    claim: (runId, host, nowMs) => write(() => journal.claim(runId, host, nowMs)),
  };
}

function hostOn(journal: Journal): Host {
  const boot = bootId();
  const name = `h-${process.pid}-${randomBytes(4).toString('hex')}`;
  return new Host({
    journal,
    runner: createProcessRunner({ home, clock: systemClock, hostId: name, bootId: boot }),
    clock: systemClock,
    identity: { host: name, pid: process.pid, startTime: processStartTime(process.pid), bootId: boot },
    snapshots: openSnapshots(join(home, 'checkpoints')),
    artifacts: artifactIntake(localArtifacts(artifactFolder(home)), home),
    dataFolder: home,
    secrets: { digests: () => undefined, lacking: () => [] },
    stepType: (type) => stepType(type)!,
    slots: { host: 8, run: 4 },
    report: (message, detail) => writeSync(2, `${message} ${detail}\n`),
  });
}

const store = openStore(home);
if (!store.ok) throw new Error(store.error.message);
const journal = mortal(store.value);
const host = hostOn(journal);
const requester = { journal, now: Date.now, by: 'ann' };
/** People look at files too, which nobody tells them of. */
const stayAlive = setInterval(lookSoon, LOOK_MS);
/** Runs that nobody wants anything of any more. */
const over = new Set<string>();

/** Answers what is asked; when all runs are over, lets go of everything, so that the process must end by itself. */
function look(): void {
  const rows = journal.runs({ limit: 100 }).runs;
  for (const { runId } of rows) {
    if (over.has(runId)) continue;
    const asked = request(requester, runId, (run) => {
      const event = wish(run);
      if (event) return ok(event);
      if (isFinal(run.status) || run.status === 'paused') over.add(runId);
      return err('nothing' as const);
    });
    if (asked.ok) host.kick(runId);
  }
  if (host.problem) throw new Error(host.problem.message);
  if (rows.every(({ runId }) => over.has(runId))) {
    host.stop();
    unwatch();
    journal.close();
    clearInterval(stayAlive);
  }
}

let willLook = false;
function lookSoon(): void {
  if (willLook) return;
  willLook = true;
  setImmediate(() => {
    willLook = false;
    look();
  });
}

host.onCommit(lookSoon);
const unwatch = journal.watch(lookSoon);
writeSync(1, 'ready\n');
host.start();
lookSoon();
