/**
 * One opened Belay: the data directory, the workflow library and the host, wired together.
 * Faces open one and hand it to every tool; nothing else reaches below this floor.
 */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSnapshots } from '../checkpoint/open-snapshots.ts';
import type { Snapshots } from '../checkpoint/snapshot.ts';
import type { WorkflowLibrary } from '../definition/library.ts';
import { workflowLibrary } from '../definition/library.ts';
import { ok, type Result } from '../engine/core/failure.ts';
import type { ArtifactStore, Clock } from '../engine/core/ports.ts';
import { Host } from '../engine/host/host.ts';
import { log } from '../engine/host/log.ts';
import { createProcessRunner } from '../engine/host/process/process-runner.ts';
import { type RunSecrets, runSecrets } from '../engine/host/run-secrets.ts';
import { systemClock } from '../engine/host/system-clock.ts';
import { isTelemetryOn } from '../engine/host/trace-context.ts';
import { artifactFolder } from '../store/artifacts/artifact-folder.ts';
import { artifactIntake } from '../store/artifacts/artifact-intake.ts';
import { localArtifacts } from '../store/artifacts/local-artifacts.ts';
import { openCache, type ResultCache } from '../store/cache/open-cache.ts';
import { homeKey } from '../store/home-key.ts';
import { bootId, processStartTime } from '../store/liveness.ts';
import { openStore, type Store } from '../store/open-store.ts';
import type { StoreProblem } from '../store/problem.ts';
import { artifactGiver } from './artifact-giver.ts';
import { ChangeWatch } from './change-watch.ts';
import { homeFolder } from './home-folder.ts';
import { type Learning, openLearningOf } from './learning/learning.ts';
import { isRetentionDue, keepRetention, retainIfDue, snapshotFolder } from './retention.ts';
import { ownCatalogue, type StepCatalogue } from './step-catalogue.ts';
import { RunTelemetry } from './telemetry/run-telemetry.ts';

export interface BelayOptions {
  /** `--home`; absent: `$BELAY_HOME`, else the XDG data folder. */
  readonly home?: string;
  /** `--workflows`: searched before the project's, the user's and the shipped ones. */
  readonly workflows?: string;
  /** Where `.belay/workflows/` is looked for. */
  readonly cwd: string;
  /** False for commands that only read: no runs are driven by this process. */
  readonly drive: boolean;
  /** Belay's own step types unless said. */
  readonly catalogue?: StepCatalogue;
}

export interface Belay {
  readonly home: string;
  readonly journal: Store;
  readonly library: WorkflowLibrary;
  readonly catalogue: StepCatalogue;
  /** Absent where this process does not drive runs. */
  readonly host: Host | undefined;
  /** Whom the journal names as owner of the runs that this process drives. */
  readonly hostId: string | undefined;
  readonly clock: Clock;
  readonly changes: ChangeWatch;
  readonly secrets: RunSecrets;
  readonly snapshots: Snapshots;
  readonly artifacts: ArtifactStore;
  /** Results of steps, for later runs. */
  readonly cache: ResultCache;
  /** What is learned from runs and imports. */
  readonly learning: Learning;
  /** Removes old snapshots and artifacts where that is due; for a process that is about to leave. */
  retain(): Promise<void>;
  /** It is time for that; for a process that has no time itself. */
  retentionDue(): boolean;
  /** Tells of the runs that this process has ended, where somebody wants to be told; for a process that is about to leave. */
  tell(): Promise<void>;
  /** Stops driving (runs stay as they are for the next host) and closes the store. */
  close(): void;
}

/** Opens the Belay of a process, once; for faces that have something to say before they need it. */
export type OpenBelay = () => Promise<Result<Belay, StoreProblem>>;

const shippedTemplates = (): string =>
  join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'templates');

/** First hit wins. */
const workflowFolders = ({ workflows, cwd }: BelayOptions, home: string) => [
  ...(workflows === undefined ? [] : [{ scope: 'workflows' as const, path: resolve(workflows) }]),
  { scope: 'project' as const, path: join(cwd, '.belay', 'workflows') },
  { scope: 'user' as const, path: join(home, 'workflows') },
  { scope: 'shipped' as const, path: shippedTemplates() },
];

export function openBelay(options: BelayOptions): Result<Belay, StoreProblem> {
  const home = homeFolder(options.home);
  const { catalogue = ownCatalogue() } = options;
  const opened = openStore(home);
  if (!opened.ok) return opened;
  const journal = opened.value;
  const changes = new ChangeWatch(journal);
  const secrets = runSecrets(process.env, () => homeKey(home, 'secret digests'));
  const snapshots = openSnapshots(snapshotFolder(home));
  const artifacts = localArtifacts(artifactFolder(home));
  const cache = openCache(home);
  const hostId = options.drive ? `h-${process.pid}-${randomBytes(4).toString('hex')}` : undefined;
  const learning = openLearningOf(home, journal, () => systemClock.now());
  const parts = { journal, secrets, snapshots, artifacts, cache, catalogue, learning };
  const host = hostId === undefined ? undefined : newHost(hostId, home, parts);
  if (host) for (const each of [changes, learning]) each.follow(host);
  host?.start();
  const keeper = { home, ...parts, now: () => systemClock.now(), isBusy: () => (host?.active ?? 0) > 0 };
  const endRetention = host ? keepRetention(keeper) : () => {};
  const telemetry =
    hostId !== undefined && isTelemetryOn(process.env)
      ? new RunTelemetry({ journal, changes, hostId, environment: process.env })
      : undefined;
  const folders = workflowFolders(options, home);
  return ok({
    home,
    ...parts,
    library: workflowLibrary({ folders, catalogue: catalogue.types }),
    host,
    hostId,
    clock: systemClock,
    changes,
    retain: () => retainIfDue(keeper),
    retentionDue: () => isRetentionDue(keeper),
    tell: async () => telemetry?.close(),
    close() {
      endRetention();
      telemetry?.abandon();
      host?.stop();
      learning.close();
      changes.close();
      cache.close();
      journal.close();
      void snapshots.close();
    },
  });
}

function newHost(
  hostId: string,
  home: string,
  {
    journal,
    secrets,
    snapshots,
    artifacts,
    cache,
    catalogue,
  }: Pick<Belay, 'journal' | 'secrets' | 'snapshots' | 'artifacts' | 'cache' | 'catalogue'>,
): Host {
  const boot = bootId();
  const cores = availableParallelism();
  return new Host({
    journal,
    runner: createProcessRunner({ home, clock: systemClock, hostId, bootId: boot }),
    clock: systemClock,
    identity: { host: hostId, pid: process.pid, startTime: processStartTime(process.pid), bootId: boot },
    stepType: (name) => catalogue.find(name),
    secrets,
    snapshots,
    artifacts: artifactIntake(artifacts, home),
    giver: artifactGiver({ home, journal, artifacts }),
    cache,
    dataFolder: home,
    slots: { host: Math.max(8, cores * 2), run: Math.max(4, cores) },
    report: (message, detail) => log.error({ err: detail }, message),
  });
}
