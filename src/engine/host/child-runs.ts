/**
 * The runs that do the work of steps of one driven run: begins them or takes them back once that is durable, and hears
 * when they have ended. Each is a run like any other, driven by whichever host has it; its journal tells what became
 * of it.
 * 1. To begin one that is there, or to take back one that is taken back, changes nothing: a later host does both anew.
 * 2. Of each one end is told.
 */
import { checkInputs } from '../../definition/check-inputs.ts';
import { definitionDigest } from '../../definition/definition-digest.ts';
import { givesArtifacts, type WithGiven } from '../core/artifact.ts';
import type { EventOf, ParentStep } from '../core/events.ts';
import { isFinal } from '../core/events.ts';
import { err, type Failure, ok, type Result } from '../core/failure.ts';
import { RUN_DEPTH_MAX } from '../core/limits.ts';
import type { JsonObject, Workflow } from '../core/model.ts';
import type { ArtifactGiver, Journal } from '../core/ports.ts';
import type { ConflictPolicy } from '../core/rollback-events.ts';
import type { RunState } from '../core/state.ts';
import type { InnerRunEnd, InnerRunSpec } from '../core/step-type.ts';
import {
  broken,
  holdsSecret,
  inputsInvalid,
  notBrought,
  notLinked,
  type SecretInput,
  stopped,
  tooDeep,
  unreadable,
} from './child-run-messages.ts';
import { groupTerms } from './group-terms.ts';
import { loadRun } from './load-run.ts';
import { secretsIn } from './mask.ts';
import { createRun, type Requester, request } from './run-requests.ts';
import type { RunSecrets } from './run-secrets.ts';

export interface ChildRunPorts {
  readonly journal: Journal;
  readonly secrets: RunSecrets;
  readonly giver?: ArtifactGiver;
  /** The run whose steps they work for. */
  run(): RunState;
  now(): number;
  /** Tells this host of a run that has changed, later than this call. */
  kick(runId: string): void;
  /** Asks for a turn of the run. */
  wake(): void;
}

/** How the work of a step ended; `failure`: the run could not be begun, or not be taken back. */
export type ChildEnd = InnerRunEnd | { readonly failure: Failure };

export interface ChildRequest {
  readonly id: string;
  readonly key: string;
  readonly seq: number;
  /** Absent: it is taken back. */
  readonly spec?: InnerRunSpec;
  /** Taken back after it, the last one first. */
  readonly earlier?: readonly string[];
}

interface Arrived {
  readonly child: ChildRequest;
  readonly spec: InnerRunSpec;
  readonly brought: Result<WithGiven, Failure>;
}

export class ChildRuns {
  readonly #ports: ChildRunPorts;
  readonly #ended: (request: ChildRequest, end: ChildEnd) => void;
  /** By their ids. */
  readonly #awaited = new Map<string, ChildRequest>();
  /** Their artifacts are on the way: these are not created yet. */
  readonly #brought = new Set<ChildRequest>();
  /** They have come, and the next turn begins them. */
  #arrived: Arrived[] = [];

  constructor(ports: ChildRunPorts, ended: (request: ChildRequest, end: ChildEnd) => void) {
    this.#ports = ports;
    this.#ended = ended;
  }

  begin(child: ChildRequest): void {
    this.#awaited.set(child.id, child);
    const { spec } = child;
    if (!spec) this.#begun(child, this.#takeBack(child.id));
    else if (this.#isToBring(child, spec)) void this.#bring(child, spec);
    else this.#begun(child, this.#create(child, { ...spec, given: [] }));
  }

  #begun(child: ChildRequest, failure: Failure | undefined): void {
    if (failure) this.#end(child, { failure });
    else {
      this.#ports.kick(child.id);
      this.look(child.id);
    }
  }

  #isToBring({ id }: ChildRequest, { workflow, inputs }: InnerRunSpec): boolean {
    const linked = this.#ports.run().workflow.workflows?.[workflow];
    const { giver, journal } = this.#ports;
    return giver !== undefined && linked !== undefined && !journal.run(id) && givesArtifacts(linked, inputs);
  }

  /** What its inputs refer to is brought first; that is fixed when it is created. */
  async #bring(child: ChildRequest, spec: InnerRunSpec): Promise<void> {
    const linked = this.#ports.run().workflow.workflows?.[spec.workflow];
    if (!linked) return;
    this.#brought.add(child);
    const brought = await this.#ports.giver
      ?.give(linked, spec.inputs)
      .catch((error: unknown) => err(broken(spec.workflow, error)));
    if (!brought) return;
    this.#arrived.push({ child, spec, brought });
    this.#ports.wake();
  }

  /** Begins runs whose artifacts have come. In a turn, where trouble with the storage finds the host and not the process. */
  takeIn(): void {
    if (this.#arrived.length === 0) return;
    for (const { child, spec, brought } of this.#arrived.splice(0)) {
      // it was told to end meanwhile, or somebody else hears of it
      if (!this.#brought.delete(child)) continue;
      const failure = brought.ok ? this.#create(child, { ...spec, ...brought.value }) : undefined;
      this.#begun(child, brought.ok ? failure : notBrought(spec.workflow, brought.error));
    }
  }

  /** The step is told to end: a run that is not there yet never will be. Others are told by their journals. */
  stop(seq: number): void {
    const child = [...this.#brought].find((each) => each.seq === seq);
    if (child && this.#brought.delete(child)) this.#end(child, { failure: stopped(child.key) });
  }

  /** Something has changed: of the run with that id, or of any. */
  look(runId?: string): void {
    for (const child of this.#awaited.values()) {
      if (runId !== undefined && runId !== child.id) continue;
      const row = this.#ports.journal.run(child.id);
      if (!row || !isFinal(row.status)) continue;
      const loaded = loadRun(this.#ports.journal, child.id);
      if (!loaded.ok) this.#end(child, { failure: unreadable(child.id, loaded.error.message) });
      else this.#found(child, endOf(loaded.value));
    }
  }

  /** One that is to go back may have ended in another way meanwhile. */
  #found(child: ChildRequest, end: InnerRunEnd | undefined): void {
    if (!end) return;
    const isWanted = child.spec !== undefined || end.status === 'rolled_back' || end.status === 'stuck';
    const failure = isWanted ? undefined : this.#takeBack(child.id);
    if (isWanted && !this.#takeBackEarlier(child, end)) this.#end(child, end);
    else if (failure) this.#end(child, { failure });
    else this.#ports.kick(child.id);
  }

  /** A step that was tried again has started several. */
  #takeBackEarlier(child: ChildRequest, { status }: InnerRunEnd): boolean {
    const { earlier = [], spec } = child;
    const id = earlier.at(-1);
    if (spec || id === undefined || status !== 'rolled_back') return false;
    this.#awaited.delete(child.id);
    this.begin({ ...child, id, earlier: earlier.slice(0, -1) });
    return true;
  }

  /** Somebody else hears of them from here. */
  leave(): void {
    this.#awaited.clear();
    this.#brought.clear();
  }

  #end(child: ChildRequest, end: ChildEnd): void {
    this.#awaited.delete(child.id);
    this.#ended(child, end);
  }

  #create(child: ChildRequest, spec: InnerRunSpec & WithGiven): Failure | undefined {
    const parent = this.#ports.run();
    if (this.#ports.journal.run(child.id)) return undefined;
    const depth = (parent.parent?.depth ?? 0) + 1;
    if (depth > RUN_DEPTH_MAX) return tooDeep(parent.workflow.name);
    const event = this.#createdEvent(parent, spec, { ...stepOf(parent, child), depth });
    if (!event.ok) return event.error;
    const created = createRun(this.#requester(parent), event.value, child.id);
    return created.ok
      ? undefined
      : { code: 'run_not_started', retry: 'again', message: created.error.message };
  }

  #createdEvent(
    parent: RunState,
    { workflow: name, inputs, cwd, given }: InnerRunSpec & WithGiven,
    link: ParentStep,
  ): Result<EventOf<'run.created'>, Failure> {
    const { workflows = {} } = parent.workflow;
    const linked = workflows[name];
    if (!linked) return err(notLinked(name));
    // the inputs of a run are journaled as they are
    const secret = secretInput(parent.workflow, inputs);
    if (secret) return err(holdsSecret(name, secret));
    const checked = checkInputs(linked, inputs);
    if (!checked.inputs) return err(inputsInvalid(name, checked.diagnostics));
    const group = groupTerms(this.#ports.journal, {
      workflow: linked,
      inputs: checked.inputs,
      env: parent.env,
      cwd,
      nowMs: this.#ports.now(),
      parent: link,
    });
    if (!group.ok) return err({ ...group.error, code: 'run_not_started' });
    const definition: Workflow = { ...linked, workflows };
    const secrets = this.#ports.secrets.digests(definition);
    return ok({
      type: 'run.created',
      workflow: linked.name,
      version: linked.version,
      digest: definitionDigest(definition),
      definition: definition as unknown as JsonObject,
      inputs: checked.inputs,
      cwd,
      env: parent.env,
      source: parent.source,
      created_by: parent.createdBy,
      parent: link,
      ...group.value,
      ...(parent.noCache && { no_cache: true as const }),
      ...(parent.priority !== 0 && { priority: parent.priority }),
      ...(secrets && { secrets }),
      ...(given.length > 0 && { given }),
    });
  }

  #takeBack(id: string): Failure | undefined {
    const parent = this.#ports.run();
    const reason = `run ${parent.runId}, which started it, is rolled back`;
    const strategy = parent.unwind?.strategy === 'immediate' ? 'immediate' : 'graceful';
    const policy = conflictPolicy(parent);
    const requester = this.#requester(parent);
    const asked = request(requester, id, (run) => {
      const isOver = run.status === 'rolled_back' || run.unwind !== undefined;
      if (isOver || !isFinal(run.status)) return err('on its way' as const);
      const conflicts = policy === 'stop' ? {} : { on_conflict: policy };
      return ok({ type: 'unwind.requested', strategy, reason, by: requester.by, ...conflicts });
    });
    if (asked.ok || asked.error === 'on its way') return undefined;
    return { code: 'rollback_refused', retry: 'final', message: `run ${id}: ${asked.error.message}` };
  }

  #requester = (parent: RunState): Requester => ({
    journal: this.#ports.journal,
    now: () => this.#ports.now(),
    by: `run:${parent.runId}`,
  });
}

/** What later steps of the outer run did to the same files goes back with its own checkpoint, where it has one. */
function conflictPolicy({ unwind }: RunState): ConflictPolicy {
  const isCovered = unwind?.items?.some((item) => item.kind === 'restore' && !item.checkpoint.taken.partial);
  return isCovered ? 'keep' : (unwind?.onConflict ?? 'stop');
}

const stepOf = ({ runId }: RunState, { key, seq }: ChildRequest) => ({ run: runId, step: key, seq });

function endOf({ runId, status, reason, outputs = {}, unwind }: RunState): InnerRunEnd | undefined {
  if (!isFinal(status) || unwind) return undefined;
  return { runId, status, outputs, ...(reason !== undefined && { reason }) };
}

/** An input that holds the value of a variable that the workflow asks for, itself or somewhere inside. */
function secretInput(workflow: Workflow, inputs: JsonObject): SecretInput | undefined {
  for (const [input, value] of Object.entries(inputs)) {
    const [variable] = secretsIn(workflow, typeof value === 'string' ? value : JSON.stringify(value));
    if (variable !== undefined) return { input, variable };
  }
  return undefined;
}
