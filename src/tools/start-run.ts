/** From a checked call to the first event of a run. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Diagnostic } from '../definition/diagnostic.ts';
import type { GivenArtifact } from '../engine/core/artifact.ts';
import type { EventOf, ParentStep } from '../engine/core/events.ts';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import type { FailurePolicy, JsonObject, Workflow } from '../engine/core/model.ts';
import { allowedEnvironment } from '../engine/host/environment.ts';
import { groupTerms } from '../engine/host/group-terms.ts';
import { parentStep } from '../engine/host/parent-step.ts';
import { attemptOf } from '../engine/host/process/attempt-files.ts';
import { attemptMarker } from '../engine/host/process/attempt-marker.ts';
import { type CreateRefused, createRun } from '../engine/host/run-requests.ts';
import { isTelemetryOn, parseTraceParent, TRACE_ID, TRACEPARENT } from '../engine/host/trace-context.ts';
import { diagnosticsJson, failed } from './answers.ts';
import { otherRequest } from './earlier-run.ts';
import { requester } from './requester.ts';
import type { ResolvedWorkflow } from './resolve-workflow.ts';
import { hostProblem, storageFailed } from './storage-problem.ts';
import type { ToolContext, ToolResult } from './tool.ts';

const NOT_STARTED = 'the run was not started';

const TRACE_ID_BYTES = 16;

export interface StartRequest {
  readonly resolved: ResolvedWorkflow;
  readonly inputs: JsonObject;
  /** Inputs that are artifacts; their copies are in place. */
  readonly given?: readonly GivenArtifact[];
  readonly cwd: string;
  readonly intent?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly onFailure?: FailurePolicy | undefined;
  readonly noCache?: boolean | undefined;
  /** -10 to 10. */
  readonly priority?: number | undefined;
}

/** The absolute working directory, or why it cannot be one. */
export function checkedCwd(context: ToolContext, given: string | undefined): Result<string, ToolResult> {
  const cwd = resolve(context.cwd, given ?? '.');
  const found = kindOf(cwd);
  if (found === 'directory') return ok(cwd);
  return err(
    failed({
      code: 'invalid_input',
      message: `\`cwd\` must be an existing directory, found ${found === 'file' ? 'a file' : 'nothing'} at \`${cwd}\``,
      hint: 'give the directory the commands should run in',
    }),
  );
}

function kindOf(path: string): 'directory' | 'file' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && (stats.isDirectory() ? 'directory' : 'file');
}

export function invalidInputs(diagnostics: readonly Diagnostic[]): ToolResult {
  return failed({
    code: 'invalid_input',
    message: diagnostics
      .map((each) => `${each.message}${each.hint === undefined ? '' : ` (${each.hint})`}`)
      .join('\n'),
    hint: 'mend the inputs and call again; nothing was started',
    data: { diagnostics: diagnosticsJson(diagnostics) },
  });
}

/** Inputs of type `file` must name something that is there. */
export function missingFiles(
  workflow: Workflow,
  inputs: JsonObject,
  cwd: string,
  /** Inputs that are artifacts. */
  brought: readonly string[] = [],
): ToolResult | undefined {
  const missing = Object.entries(workflow.inputs).flatMap(([name, spec]) => {
    const value = inputs[name];
    if (spec.type !== 'file' || typeof value !== 'string' || brought.includes(name)) return [];
    const path = isAbsolute(value) ? value : resolve(cwd, value);
    return kindOf(path) === undefined ? [`input \`${name}\`: no file at \`${path}\``] : [];
  });
  if (missing.length === 0) return undefined;
  return failed({
    code: 'invalid_input',
    message: missing.join('\n'),
    hint: 'paths are read from the working directory of the run',
  });
}

/** The step that this process belongs to, if any. */
function parentOf({ belay }: ToolContext): Result<ParentStep | undefined, ToolResult> {
  const attempt = attemptOf(attemptMarker() ?? '');
  const parent = attempt ? parentStep(belay.journal, attempt) : ok(undefined);
  return parent.ok
    ? parent
    : err(failed({ ...parent.error, message: `${NOT_STARTED}: ${parent.error.message}` }));
}

const noGroup = ({ message, hint }: Failure): ToolResult =>
  failed({
    code: 'invalid_input',
    message: `${NOT_STARTED}: \`concurrency.group\`: ${message}`,
    ...(hint !== undefined && { hint }),
  });

const groupTaken = ({ message, run }: CreateRefused & { readonly code: 'group_taken' }): ToolResult =>
  failed({
    code: 'conflict',
    message: `${NOT_STARTED}: ${message}`,
    hint: 'call again when that run has ended; nothing was started',
    next: [{ tool: 'workflow_status', arguments: { run_id: run }, why: 'see the run that has the group' }],
  });

/** The trace that the run belongs to: its caller's, or one of its own where somebody wants to be told of runs. */
function traceOf({ trace }: ToolContext): { readonly [name: string]: string } {
  if (trace !== undefined && parseTraceParent(trace)) return { [TRACEPARENT]: trace };
  return isTelemetryOn(process.env) ? { [TRACE_ID]: randomBytes(TRACE_ID_BYTES).toString('hex') } : {};
}

function createdEvent(context: ToolContext, start: StartRequest): Result<EventOf<'run.created'>, ToolResult> {
  const { workflow, digest, source } = start.resolved;
  const parent = parentOf(context);
  if (!parent.ok) return parent;
  // a `belay run` in a step belongs to the same data folder
  const env = {
    ...allowedEnvironment(process.env),
    BELAY_HOME: context.belay.home,
    ...traceOf(context),
  };
  const { inputs, cwd } = start;
  const nowMs = context.belay.clock.now();
  const group = groupTerms(context.belay.journal, {
    workflow,
    inputs,
    env,
    cwd,
    nowMs,
    parent: parent.value,
  });
  if (!group.ok) return err(noGroup(group.error));
  const secrets = context.belay.secrets.digests(workflow);
  return ok({
    type: 'run.created',
    workflow: workflow.name,
    version: workflow.version,
    digest,
    definition: workflow as unknown as JsonObject,
    inputs,
    cwd,
    env,
    source,
    created_by: context.caller,
    ...(parent.value && { parent: parent.value }),
    ...(secrets && { secrets }),
    ...(start.given && start.given.length > 0 && { given: start.given }),
    ...(start.intent !== undefined && { intent: start.intent }),
    ...(start.onFailure !== undefined && { on_failure: start.onFailure }),
    ...(start.noCache && { no_cache: true }),
    ...group.value,
    ...(start.priority && { priority: start.priority }),
    ...(start.idempotencyKey !== undefined && { idempotency_key: start.idempotencyKey }),
  });
}

/** Creates the run and lets this process's host take it up. */
export function startRun(
  context: ToolContext,
  start: StartRequest,
): Result<{ readonly runId: string; readonly existing: boolean }, ToolResult> {
  const problem = hostProblem(context.belay, NOT_STARTED);
  if (problem) return err(problem);
  const event = createdEvent(context, start);
  if (!event.ok) return event;
  const created = createRun(requester(context), event.value);
  if (!created.ok && created.error.code === 'group_taken') return err(groupTaken(created.error));
  if (!created.ok) return err(storageFailed(NOT_STARTED, created.error.message));
  const { runId, existing } = created.value;
  const other = existing ? otherRequest(context.belay, runId, event.value) : undefined;
  if (other) return err(other);
  context.belay.host?.kick(runId);
  return created;
}
