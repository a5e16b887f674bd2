/** Hosts on a real store and a pretended machine, and runs for them to drive. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Snapshots } from '../../../../src/checkpoint/snapshot.ts';
import { linkWorkflows } from '../../../../src/definition/link-workflows.ts';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import type { Event, EventOf } from '../../../../src/engine/core/events.ts';
import { ok } from '../../../../src/engine/core/failure.ts';
import type { JsonObject, Workflow } from '../../../../src/engine/core/model.ts';
import type {
  ArtifactGiver,
  ArtifactIntake,
  Journal,
  ProcessRunner,
} from '../../../../src/engine/core/ports.ts';
import type { RunState } from '../../../../src/engine/core/state.ts';
import type { StepCache } from '../../../../src/engine/core/step-cache.ts';
import type { StepType } from '../../../../src/engine/core/step-type.ts';
import type { Environment } from '../../../../src/engine/host/environment.ts';
import { Host } from '../../../../src/engine/host/host.ts';
import { loadRun } from '../../../../src/engine/host/load-run.ts';
import { createRun, request } from '../../../../src/engine/host/run-requests.ts';
import { type RunSecrets, runSecrets } from '../../../../src/engine/host/run-secrets.ts';
import { stepType, stepTypes } from '../../../../src/steps/catalogue.ts';
import { artifactIntake } from '../../../../src/store/artifacts/artifact-intake.ts';
import { localArtifacts } from '../../../../src/store/artifacts/local-artifacts.ts';
import { openStore, type Store } from '../../../../src/store/open-store.ts';
import { Machine } from './machine.ts';

export interface HostTerms {
  /** Stands between the host and the store. */
  readonly between?: (journal: Journal) => Partial<Journal>;
  /** Stands between the host and the machine. */
  readonly runner?: Partial<ProcessRunner>;
  readonly slots?: { readonly host: number; readonly run: number };
  readonly stepType?: (type: string) => StepType;
  /** Absent: there are none, and runs have no checkpoints. */
  readonly snapshots?: Snapshots;
  /** Takes in what steps hand out; the store of the world unless said. */
  readonly artifacts?: ArtifactIntake;
  /** Brings what inputs of sub-runs refer to. */
  readonly giver?: ArtifactGiver;
  /** Absent: every step is performed. */
  readonly cache?: StepCache;
  /** Variables of its process; their values are not read by steps here. */
  readonly environment?: Environment;
}

export interface PretendedHost {
  readonly host: Host;
  readonly reports: readonly string[];
  /** kill -9: it never acts again, and everybody knows that it is dead. */
  die(): void;
}

/** Of a process with these variables, on the data folder of the tests. */
export const secretsOf = (environment: Environment): RunSecrets =>
  runSecrets(environment, () => Buffer.alloc(32, 1));

const NO_SNAPSHOTS = new Proxy({} as Snapshots, {
  get: (_, name) => {
    throw new Error(`snapshots are not part of this test: ${String(name)}`);
  },
});

/** The workflow of a definition, with the others that it may run. */
function linkedWorkflow(value: object, others: readonly { readonly name: string }[]): Workflow {
  const read = readDefinition({ value }, stepTypes);
  if (!read.workflow) throw new Error(JSON.stringify(read.diagnostics));
  const { workflow, diagnostics } = linkWorkflows(read.workflow, {
    find(name) {
      const other = others.find((each) => each.name === name);
      return other && readDefinition({ value: { checkpoints: false, ...other } }, stepTypes);
    },
    names: () => others.map(({ name }) => name),
  });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return workflow;
}

export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'belay-host-'));
  readonly machine = new Machine();
  readonly artifacts: ArtifactIntake = artifactIntake(
    localArtifacts(join(this.folder, 'home', 'artifacts')),
    join(this.folder, 'home'),
  );
  readonly store: Store;
  readonly #dead = new Set<string>();
  readonly #hosts: { readonly host: Host; readonly alive: () => boolean }[] = [];

  constructor() {
    const opened = openStore(join(this.folder, 'home'), { isDead: ({ host }) => this.#dead.has(host) });
    if (!opened.ok) throw new Error(opened.error.message);
    this.store = opened.value;
    onTestFinished(() => {
      for (const { host, alive } of this.#hosts) if (alive()) host.stop();
      this.store.close();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** A started host. Other processes' commits are never noticed by themselves: `kick` and the clock tell. */
  host(terms: HostTerms = {}): PretendedHost {
    const name = `h${this.#hosts.length + 1}`;
    const alive = () => !this.#dead.has(name);
    const reports: string[] = [];
    const journal = { ...this.store, watch: () => () => {} };
    const host = new Host({
      journal: { ...journal, ...terms.between?.(journal) },
      runner: { ...this.machine.runner(alive), ...terms.runner },
      clock: this.machine.clock(alive),
      identity: { host: name, pid: 1, startTime: '', bootId: '' },
      snapshots: terms.snapshots ?? NO_SNAPSHOTS,
      artifacts: terms.artifacts ?? this.artifacts,
      ...(terms.giver && { giver: terms.giver }),
      ...(terms.cache && { cache: terms.cache }),
      dataFolder: join(this.folder, 'home'),
      secrets: secretsOf(terms.environment ?? {}),
      stepType: terms.stepType ?? ((type) => stepType(type)!),
      slots: terms.slots ?? { host: 8, run: 8 },
      report: (message) => reports.push(message),
      chance: () => 0,
    });
    this.#hosts.push({ host, alive });
    host.start();
    return { host, reports, die: () => this.#dead.add(name) };
  }

  /** A new run; hosts that are there take it up. */
  async run(
    definition: object,
    fields: Partial<EventOf<'run.created'>> = {},
    others: readonly { readonly name: string }[] = [],
  ): Promise<string> {
    const workflow = linkedWorkflow({ name: 'test', ...definition }, others);
    const created = createRun(this.#requester(), {
      type: 'run.created',
      workflow: workflow.name,
      version: workflow.version,
      digest: '',
      // what a test does not say about checkpoints is not what it is about
      definition: { checkpoints: false, ...workflow } as unknown as JsonObject,
      inputs: {},
      cwd: this.folder,
      env: { PATH: process.env.PATH ?? '' },
      source: 'test',
      created_by: 'test',
      ...fields,
    });
    if (!created.ok) throw new Error(created.error.message);
    await this.kick(created.value.runId);
    return created.value.runId;
  }

  #requester = () => ({ journal: this.store as Journal, now: () => this.machine.now, by: 'test' });

  async kick(runId: string): Promise<void> {
    for (const { host, alive } of this.#hosts) if (alive()) host.kick(runId);
    await this.settle();
  }

  /** Somebody outside appends an event to the run. */
  async ask(runId: string, event: Event): Promise<void> {
    const asked = request(this.#requester(), runId, () => ok(event));
    if (!asked.ok) throw new Error(asked.error.message);
    await this.kick(runId);
  }

  /** Lets the hosts do all they can do without time passing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 30; turn += 1) await new Promise(setImmediate);
  }

  /** For what asks the real machine: gives it turns until it has answered. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.settle();
  }

  async pass(ms: number): Promise<void> {
    this.machine.setTime(this.machine.now + ms);
    await this.settle();
  }

  async end(script: string, exit?: Parameters<Machine['end']>[1]): Promise<void> {
    this.machine.end(script, exit);
    await this.settle();
  }

  state(runId: string): RunState {
    const loaded = loadRun(this.store, runId);
    if (!loaded.ok) throw new Error(loaded.error.message);
    return loaded.value;
  }

  status(runId: string): string {
    return this.state(runId).status;
  }

  /** `build: succeeded` and so on, by key. */
  steps(runId: string): { readonly [key: string]: string } {
    return Object.fromEntries([...this.state(runId).byKey].map(([key, { status }]) => [key, status]));
  }

  events(runId: string): readonly Event[] {
    const read = this.store.read(runId);
    if (!read.ok) throw new Error(read.error.message);
    return read.value.map(({ event }) => event);
  }
}
