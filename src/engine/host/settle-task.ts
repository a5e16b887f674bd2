/**
 * From the outcome of an attempt to its event: declared outputs, caps, and whether it is tried again.
 */
import { render } from '../../definition/expression/evaluate.ts';
import type { Scope } from '../../definition/expression/scope.ts';
import type { Event, EventOf } from '../core/events.ts';
import type { Failure, Result } from '../core/failure.ts';
import { err, ok } from '../core/failure.ts';
import type { Kept } from '../core/kept-bytes.ts';
import { keptBytes } from '../core/kept-bytes.ts';
import { OUTPUT_BYTES_MAX, RUN_OUTPUTS_BYTES_MAX, STEP_OUTPUTS_BYTES_MAX } from '../core/limits.ts';
import type { Json, JsonObject } from '../core/model.ts';
import { retryAfterMs } from '../core/retry.ts';
import type { StepState } from '../core/state.ts';
import type { Outcome } from '../core/step-type.ts';
import { isTooDeep, TOO_DEEP } from '../core/value-depth.ts';
import type { StoredArtifacts } from './artifact-wishes.ts';
import type { RunSource } from './run-source.ts';
import { resultNames, scopeAt } from './step-scope.ts';

/** The event that ends the attempt (or schedules the next one). */
export function settleTask(
  source: RunSource,
  step: StepState,
  outcome: Outcome,
  stored?: StoredArtifacts,
): Event {
  if (!outcome.ok) return failureEvent(source, step, outcome);
  const lost = stored?.ok === false ? stored.error : step.step.artifacts && !stored ? notStored() : undefined;
  if (lost) return failureEvent(source, step, { ...outcome, ok: false, failure: lost });
  const kept = stored?.ok ? stored.value : { notes: [], warnings: [] };
  const files = [...kept.notes];
  const warnings = [...(outcome.warnings ?? []), ...kept.warnings];
  const outputs = declaredOutputs(step, () => scopeAt(source, step, resultNames(outcome)));
  if (!outputs.ok) return failureEvent(source, step, { ...outcome, ok: false, failure: outputs.error });
  // under the paths that were stored, whatever an expression says now
  const paths = Object.fromEntries(files.map(([output, { path }]) => [output, path]));
  const all = { ...outcome.outputs, ...outputs.value, ...paths };
  const result = keptResult(source, step, all, streams(step, outcome), warnings);
  if (!result.ok) {
    // what was too large to keep is not kept with the failure either
    const { outputs: _tooLarge, ...rest } = outcome;
    return failureEvent(source, step, { ...rest, ok: false, failure: result.error });
  }
  const artifacts = files.map(([, note]) => note);
  return { ...succeeded(step, result.value, warnings), ...(artifacts.length > 0 && { artifacts }) };
}

/** The event that ends a block whose steps went well: what it hands out has the bounds of a step's outputs. */
export function settleBlock(source: RunSource, block: StepState, outputs: JsonObject): Event {
  const warnings: string[] = [];
  const result = keptResult(source, block, outputs, {}, warnings);
  if (result.ok) return succeeded(block, result.value, warnings);
  return { type: 'step.failed', step: block.key, attempt: block.attempt, failure: result.error };
}

/** Of a step type that has done its work without starting anything. */
const notStored = (): Failure => ({
  code: 'artifact_failed',
  retry: 'final',
  message: 'the step was done before its files could be stored',
  hint: 'make the file an output of a step that runs a command',
});

function succeeded(step: StepState, result: Kept, warnings: readonly string[]): EventOf<'step.succeeded'> {
  return {
    type: 'step.succeeded',
    step: step.key,
    attempt: step.attempt,
    ...result,
    ...(warnings.length > 0 && { warnings }),
  };
}

/** What the journal keeps of a result, or why it cannot: the caps of one value, of the step, and of the run. */
function keptResult(
  source: RunSource,
  step: StepState,
  outputs: JsonObject,
  rest: Kept,
  warnings: string[],
): Result<Kept, Failure> {
  const capped = capOutputs(step, outputs, warnings);
  if (!capped.ok) return capped;
  const result = { ...(Object.keys(capped.value).length > 0 && { outputs: capped.value }), ...rest };
  return fitsRun(source, result) ? ok(result) : err(runFull(source, result));
}

const fitsRun = ({ run }: RunSource, kept: Kept): boolean =>
  run.outputBytes + keptBytes(kept) <= RUN_OUTPUTS_BYTES_MAX;

const runFull = ({ run }: RunSource, kept: Kept): Failure => ({
  code: 'output_too_large',
  retry: 'final',
  message: `the outputs of all steps of the run together have ${run.outputBytes + keptBytes(kept)} bytes, at most ${RUN_OUTPUTS_BYTES_MAX} are kept`,
  hint: 'let the steps write to files and keep the paths as outputs, or split the work into several runs',
});

function streams(
  step: StepState,
  outcome: Outcome,
): { exit_code?: number; stdout?: string; stderr?: string } {
  const { reads } = step.step;
  return {
    ...(outcome.exitCode !== undefined && { exit_code: outcome.exitCode }),
    ...(reads.includes('stdout') && outcome.stdout !== undefined && { stdout: outcome.stdout }),
    ...(reads.includes('stderr') && outcome.stderr !== undefined && { stderr: outcome.stderr }),
  };
}

function failureEvent(source: RunSource, step: StepState, outcome: Outcome & { readonly ok: false }): Event {
  const used = step.attempt - step.attemptBase;
  const mayRetry = step.stopping === undefined && !step.frame.halted;
  const after = mayRetry ? retryAfterMs(step.step.retry, used, outcome.failure, source.chance()) : undefined;
  const exitCode = outcome.exitCode === undefined ? {} : { exit_code: outcome.exitCode };
  if (after !== undefined) {
    return {
      type: 'step.retry_scheduled',
      step: step.key,
      attempt: step.attempt + 1,
      at: source.nowMs + after,
      failure: outcome.failure,
      ...exitCode,
    };
  }
  const result = { ...streams(step, outcome), ...(outcome.outputs && { outputs: outcome.outputs }) };
  return {
    type: 'step.failed',
    step: step.key,
    attempt: step.attempt,
    failure: outcome.failure,
    // it fails as it is: what finds no room in the run is in its log
    ...(fitsRun(source, result) ? result : exitCode),
  };
}

/** The step's own `outputs:`, each a template over what the attempt gave. */
export function declaredOutputs(step: StepState, scopeOf: () => Scope): Result<JsonObject, Failure> {
  const outputs: { [name: string]: Json } = {};
  const declared = Object.entries(step.step.outputs);
  if (declared.length === 0) return ok(outputs);
  const scope = scopeOf();
  for (const [name, template] of declared) {
    const value = render(template, scope);
    if (!value.ok) {
      return err({
        ...value.error,
        message: `output \`${name}\` of step \`${step.key}\`: ${value.error.message}`,
      });
    }
    outputs[name] = value.value;
  }
  return ok(outputs);
}

/** Long text is cut (the log has the whole); anything else over the cap is a failure. */
function capOutputs(step: StepState, outputs: JsonObject, warnings: string[]): Result<JsonObject, Failure> {
  const capped: { [name: string]: Json } = {};
  let total = 0;
  for (const [name, value] of Object.entries(outputs)) {
    if (typeof value === 'object' && isTooDeep(value)) return err(tooDeep(name, step.key));
    const bytes = Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
    total += Math.min(bytes, OUTPUT_BYTES_MAX);
    if (total > STEP_OUTPUTS_BYTES_MAX)
      return err(
        tooLarge(`the outputs of step \`${step.key}\` together have`, total, STEP_OUTPUTS_BYTES_MAX),
      );
    if (bytes <= OUTPUT_BYTES_MAX) capped[name] = value;
    else if (typeof value === 'string') {
      capped[name] = cutText(value, OUTPUT_BYTES_MAX);
      warnings.push(
        `output \`${name}\` was cut from ${bytes} to ${OUTPUT_BYTES_MAX} bytes; the log has the whole`,
      );
    } else {
      return err(tooLarge(`output \`${name}\` of step \`${step.key}\` has`, bytes, OUTPUT_BYTES_MAX));
    }
  }
  return ok(capped);
}

const tooDeep = (name: string, key: string): Failure => ({
  code: 'output_too_large',
  retry: 'final',
  message: `output \`${name}\` of step \`${key}\` is ${TOO_DEEP}`,
  hint: 'keep the part of it that is needed, or write it to a file and keep its path as the output',
});

const tooLarge = (what: string, bytes: number, bytesMax: number): Failure => ({
  code: 'output_too_large',
  retry: 'final',
  message: `${what} ${bytes} bytes, at most ${bytesMax} are kept`,
  hint: 'write it to a file and keep its path as the output',
});

/** The first bytes of a text, ending at a whole character. */
function cutText(text: string, bytesMax: number): string {
  return new TextDecoder('utf-8', { fatal: false }).decode(Buffer.from(text).subarray(0, bytesMax), {
    stream: true,
  });
}
