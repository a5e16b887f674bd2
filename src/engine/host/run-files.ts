/**
 * The files of one driven run: takes its checkpoints, looks at what its steps change, rescues and restores.
 * Everything here is slow and happens beside the driver's turns; what comes out of it are facts for its inbox.
 * 1. While a checkpoint is being taken no other step that changes files starts.
 * 2. Looks follow one another: a step that ends while one is under way waits for the next, which others may share.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { resolveScope } from '../../checkpoint/scope.ts';
import type { Changes, Scope, Snapshot, Snapshots } from '../../checkpoint/snapshot.ts';
import type { Event } from '../core/events.ts';
import { type Failure, ok, type Result } from '../core/failure.ts';
import type { ChangeNote } from '../core/rollback-events.ts';
import type { CheckpointState } from '../core/rollback-state.ts';
import type { RunState, StepState } from '../core/state.ts';
import { captureOutputs } from './capture-outputs.ts';
import { type CheckpointDue, checkpointDue, isPartial } from './checkpoint-due.ts';
import { type Fact, isReady } from './fact.ts';
import { type RestoreWish, rescueFiles, restoreFiles } from './restore-files.ts';
import type { ScriptRun } from './run-script.ts';
import type { Readiness } from './run-source.ts';
import { takenEvent } from './taken-event.ts';

/** Files that others change while no step runs are told from the run's own when the last look is older than this. */
const LOOK_AGE_MS_MAX = 2_000;
/** How close together looks come while steps run side by side. */
const LOOK_APART_MS = 250;

export interface FilePorts {
  readonly snapshots: Snapshots;
  /** Belay's own; never part of a snapshot. */
  readonly dataFolder: string;
  run(): RunState;
  now(): number;
  /** Something slow has ended. */
  learned(fact: Fact): void;
  /** Nothing to record, but the run may go on. */
  wake(): void;
}

interface Waiting {
  readonly key: string;
  readonly answer: (note: ChangeNote | undefined) => void;
}

export class RunFiles {
  readonly #ports: FilePorts;
  /** Steps that may start now: their checkpoint is there, or none is due. With what others changed before. */
  readonly #prepared = new Map<string, Readiness>();
  readonly #underWay = new Set<string>();
  #followed: string | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #waiting: Waiting[] = [];
  /** Steps that have ended and left it to those beside them to look. */
  readonly #left = new Set<string>();
  #looking = false;
  #capturing: { readonly key: string; readonly abort: AbortController } | undefined;

  constructor(ports: FilePorts) {
    this.#ports = ports;
  }

  /** Something slow is under way. */
  get busy(): boolean {
    return this.#underWay.size > 0 || this.#looking;
  }

  /** Whether the step may start, as far as its files go; a yes holds for one start. Undefined: it is to be prepared. */
  readiness(step: StepState): Readiness | undefined {
    if (!mayTouchFiles(step) && !step.step.checkpoint) return {};
    if (step.frame.root !== 'steps') return {};
    const prepared = this.#prepared.get(step.key);
    this.#prepared.delete(step.key);
    if (prepared || this.#underWay.has('prepare')) return prepared;
    return checkpointDue(this.#ports.run(), step) || this.#isStale() ? undefined : {};
  }

  /** Does what the step needs before it starts. `captures` are the scripts of its checkpoint, ready to run. */
  prepare(step: StepState, captures: readonly ScriptRun[]): void {
    this.#once('prepare', async () => {
      const due = checkpointDue(this.#ports.run(), step);
      if (!due) {
        this.#prepared.set(step.key, await this.#lookAround());
        this.#ports.wake();
        return;
      }
      const event = await this.#take(step, due, captures);
      if (event.type !== 'step.failed') this.#prepared.set(step.key, {});
      this.#done(event);
    });
  }

  /** Those of a step that will not start any more. */
  endCaptures(): void {
    if (this.#capturing && !isReady(this.#ports.run(), this.#capturing.key)) this.#capturing.abort.abort();
  }

  /** Others may have changed files while nothing of the run was looking. */
  #isStale(): boolean {
    const isAlone = this.#others([]).length === 0;
    return this.#isFollowing() && isAlone && this.#ports.now() - this.#lookedAt > LOOK_AGE_MS_MAX;
  }

  #isFollowing(): boolean {
    return this.#ports.run().checkpoints.size > 0;
  }

  async #lookAround(): Promise<Readiness> {
    const changes = noteOf(await this.#changes(), []);
    return changes ? { changes } : {};
  }

  async #take(step: StepState, due: CheckpointDue, captures: readonly ScriptRun[]): Promise<Event> {
    this.#capturing = { key: step.key, abort: new AbortController() };
    const taken = await this.#snapshot(due, captures, this.#capturing.abort.signal);
    this.#capturing = undefined;
    if (!taken.ok) return refused(step, due, taken.error);
    const changes = await this.#changesBefore();
    this.#lookedAt = this.#ports.now();
    const { scope, snapshot } = taken.value;
    return {
      ...takenEvent(due.id, due.why, scope, snapshot),
      step: step.key,
      ...(isPartial(this.#ports.run(), due, scope.roots) && { partial: true as const }),
      ...(changes && { changes }),
      ...(captures.length > 0 && { captures: captures.length }),
    };
  }

  /**
   * What steps under way have changed so far: from the new snapshot on nobody sees it any more. Looked at after the
   * snapshot, so that nothing falls in between; what is seen twice does no harm.
   */
  async #changesBefore(): Promise<ChangeNote | undefined> {
    const steps = this.#others([]);
    return this.#isFollowing() && steps.length > 0 ? noteOf(await this.#changes(), steps) : undefined;
  }

  async #snapshot(
    due: CheckpointDue,
    captures: readonly ScriptRun[],
    signal: AbortSignal,
  ): Promise<Result<{ readonly scope: Scope; readonly snapshot: Snapshot }, Failure>> {
    const { dataFolder, snapshots } = this.#ports;
    const { cwd, runId } = this.#ports.run();
    const scope = resolveScope({ cwd, ...due, dataFolder, homeFolder: homedir() });
    if (!scope.ok) return scope;
    const folder = join(dataFolder, 'checkpoints', 'tmp', `capture-${randomBytes(6).toString('hex')}`);
    try {
      const files = await captureOutputs(captures, folder, { timeMs: due.spec.timeMs, signal });
      if (!files.ok) return files;
      const request = { runId, scope: scope.value, budget: due.budget, captures: files.value };
      const snapshot = await snapshots.take(request);
      return snapshot.ok ? ok({ scope: scope.value, snapshot: snapshot.value }) : snapshot;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * What changed while the step ran, if anything; undefined where nobody follows the files. Steps that end close
   * together beside others share a look: it could not tell them apart anyway.
   */
  changesOf(step: StepState): Promise<ChangeNote | undefined> | 'later' | undefined {
    if (!mayTouchFiles(step) || !this.#isFollowing()) return undefined;
    const isRecent = this.#ports.now() - this.#lookedAt < LOOK_APART_MS;
    const willLook = (other: StepState) => other !== step && !this.#left.has(other.key);
    if (isRecent && this.#touching().some(willLook)) {
      this.#left.add(step.key);
      return 'later';
    }
    return new Promise((answer) => {
      this.#waiting.push({ key: step.key, answer });
      if (!this.#looking) void this.#look().catch((error: unknown) => this.#bug('look', error));
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      this.#left.clear();
      const beside = this.#others(batch);
      const changes = await this.#changes();
      for (const [index, { answer }] of batch.entries())
        answer(index === 0 ? noteOf(changes, beside) : undefined);
    }
    this.#looking = false;
  }

  async #changes(): Promise<Result<Changes, Failure>> {
    const followed = await this.#follow();
    if (!followed.ok) return followed;
    const changes = await this.#ports.snapshots.look(this.#ports.run().runId, true);
    this.#lookedAt = this.#ports.now();
    return changes;
  }

  /** Steps besides the first of a batch that may have made its changes. */
  #others(batch: readonly Waiting[]): readonly string[] {
    const keys = new Set([...batch, ...this.#touching()].map(({ key }) => key));
    for (const key of this.#ports.run().unaccounted) keys.add(key);
    keys.delete(batch[0]?.key ?? '');
    return [...keys];
  }

  /** Steps under way that may be changing files. */
  #touching(): readonly StepState[] {
    return [...this.#ports.run().running].filter(mayTouchFiles);
  }

  /** Follows the newest snapshot of each scope, or the rescue, with what the run has recorded since. */
  async #follow(): Promise<Result<void, Failure>> {
    const run = this.#ports.run();
    const newest = new Map<string, CheckpointState>();
    for (const each of run.unwind?.rescue ? [run.unwind.rescue] : run.checkpoints.values())
      newest.set(JSON.stringify(each.taken.scope), each);
    const from = [...newest.values()].map(({ taken, seq }) => ({
      snapshot: taken.snapshot,
      lists: listsSince(run, seq),
    }));
    const name = from.map(({ snapshot }) => snapshot).join(' ');
    if (name === this.#followed) return ok(undefined);
    const followed = await this.#ports.snapshots.follow(run.runId, from);
    if (followed.ok) this.#followed = name;
    return followed;
  }

  /** Keeps the files as they are before the first of them is restored. */
  rescue(): void {
    this.#once('rescue', async () => {
      const run = this.#ports.run();
      const changes = run.unaccounted.size > 0 ? (noteOf(await this.#changes(), []) ?? NOTHING) : undefined;
      this.#done(await rescueFiles(this.#ports.snapshots, run, changes));
    });
  }

  restore(wanted: RestoreWish): void {
    this.#once(`restore ${wanted.item.checkpoint.id}`, async () => {
      const event = await restoreFiles(this.#ports.snapshots, this.#ports.run(), wanted);
      const changes = noteOf(await this.#changes(), []);
      // an earlier host may have done a part of it
      this.#done({ ...event, ...(changes && { ...countsOf(changes), changes }) });
    });
  }

  /** Something slow, once at a time under its name. */
  once(name: string, make: () => Promise<Event>): void {
    this.#once(name, async () => this.#done(await make()));
  }

  #once(name: string, act: () => Promise<void>): void {
    if (this.#underWay.has(name)) return;
    this.#underWay.add(name);
    void act()
      .catch((error: unknown) => this.#bug(name, error))
      .finally(() => this.#underWay.delete(name));
  }

  #bug(name: string, error: unknown): void {
    this.#ports.learned({ kind: 'bug', message: `${name}: ${String(error)}` });
  }

  #done(event: Event): void {
    this.#ports.learned({ kind: 'files', event });
  }
}

/** A step that works elsewhere may write files here all the same. */
const mayTouchFiles = ({ step }: StepState): boolean => step.effects !== 'none' && step.body === undefined;

const listsSince = (run: RunState, seq: number): readonly string[] =>
  run.changes.flatMap(({ note, seq: at }) => (at > seq && note.list !== undefined ? [note.list] : []));

/** Asked for, it must be there before the step; else the step starts without. */
function refused(step: StepState, due: CheckpointDue, failure: Failure): Event {
  const reason = `checkpoint \`${due.id}\` could not be taken: ${failure.message}`;
  if (!due.required) return { type: 'checkpoint.skipped', step: step.key, reason };
  const code = 'checkpoint_failed';
  return {
    type: 'step.failed',
    step: step.key,
    attempt: step.attempt,
    failure: { ...failure, code, message: reason },
  };
}

const countsOf = ({ list, created, changed, deleted }: ChangeNote) =>
  list === undefined ? {} : { created, changed, deleted };

const NOTHING: ChangeNote = { created: 0, changed: 0, deleted: 0, shown: [] };

function noteOf(changes: Result<Changes, Failure>, beside: readonly string[]): ChangeNote | undefined {
  if (!changes.ok) return { ...NOTHING, unknown: changes.error.message };
  if (changes.value.list === undefined && beside.length === 0) return undefined;
  return { ...changes.value, ...(beside.length > 0 && { beside }) };
}
