/**
 * One opened Belay: the data directory, the workflow library and the host, wired together.
 * Faces open one and hand it to every tool; nothing else reaches below this floor.
 */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowLibrary } from '../definition/library.ts';
import { workflowLibrary } from '../definition/library.ts';
import { Bug, ok, type Result } from '../engine/core/failure.ts';
import type { Clock } from '../engine/core/ports.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { Host } from '../engine/host/host.ts';
import { log } from '../engine/host/log.ts';
import { createProcessRunner } from '../engine/host/process/process-runner.ts';
import { systemClock } from '../engine/host/system-clock.ts';
import { stepType, stepTypes } from '../steps/catalogue.ts';
import { bootId, processStartTime } from '../store/liveness.ts';
import { openStore, type Store } from '../store/open-store.ts';
import type { StoreProblem } from '../store/problem.ts';
import { ChangeWatch } from './change-watch.ts';
import { homeFolder } from './home-folder.ts';

export interface BelayOptions {
  /** `--home`; absent: `$BELAY_HOME`, else the XDG data folder. */
  readonly home?: string;
  /** `--workflows`: searched before the project's, the user's and the shipped ones. */
  readonly workflows?: string;
  /** Where `.belay/workflows/` is looked for. */
  readonly cwd: string;
  /** False for commands that only read: no runs are driven by this process. */
  readonly drive: boolean;
}

export interface Belay {
  readonly home: string;
  readonly journal: Store;
  readonly library: WorkflowLibrary;
  /** Absent where this process does not drive runs. */
  readonly host: Host | undefined;
  readonly clock: Clock;
  readonly changes: ChangeWatch;
  /** Stops driving (runs stay as they are for the next host) and closes the store. */
  close(): void;
}

/** Opens the Belay of a process, once; for faces that have something to say before they need it. */
export type OpenBelay = () => Promise<Result<Belay, StoreProblem>>;

const shippedTemplates = (): string =>
  join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'templates');

export function openBelay(options: BelayOptions): Result<Belay, StoreProblem> {
  const home = homeFolder(options.home);
  const opened = openStore(home);
  if (!opened.ok) return opened;
  const journal = opened.value;
  const changes = new ChangeWatch(journal);
  const host = options.drive ? newHost(home, journal) : undefined;
  if (host) changes.follow(host);
  host?.start();
  const folders = [
    ...(options.workflows === undefined
      ? []
      : [{ scope: 'workflows' as const, path: resolve(options.workflows) }]),
    { scope: 'project' as const, path: join(options.cwd, '.belay', 'workflows') },
    { scope: 'user' as const, path: join(home, 'workflows') },
    { scope: 'shipped' as const, path: shippedTemplates() },
  ];
  return ok({
    home,
    journal,
    library: workflowLibrary({ folders, catalogue: stepTypes }),
    host,
    clock: systemClock,
    changes,
    close() {
      host?.stop();
      changes.close();
      journal.close();
    },
  });
}

function newHost(home: string, journal: Store): Host {
  const hostId = `h-${process.pid}-${randomBytes(4).toString('hex')}`;
  const boot = bootId();
  const cores = availableParallelism();
  return new Host({
    journal,
    runner: createProcessRunner({ home, clock: systemClock, hostId, bootId: boot }),
    clock: systemClock,
    identity: { host: hostId, pid: process.pid, startTime: processStartTime(process.pid), bootId: boot },
    stepType: knownStepType,
    slots: { host: Math.max(8, cores * 2), run: Math.max(4, cores) },
    report: (message, detail) => log.error({ err: detail }, message),
  });
}

function knownStepType(name: string): StepType {
  const type = stepType(name);
  if (!type) throw new Bug(`step type ${name} is not in the catalogue`);
  return type;
}
