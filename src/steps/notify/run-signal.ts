/** A notification that is another run's signal: as data, and its delivery. */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { CallIo, StepContext } from '../../engine/core/step-type.ts';
import type { SignalFields } from './notify-fields.ts';
import type { Words } from './words.ts';

export type RunSignal = { readonly runId: string; readonly name: string; readonly payload: Json };

/** Without a payload of its own it carries the words, and who says them. */
export function runSignal(
  context: StepContext,
  { run_id, name, payload }: SignalFields,
  words: Words,
): Result<RunSignal, Failure> {
  const runId = context.renderText(run_id);
  if (!runId.ok) return runId;
  const signal = context.renderText(name);
  if (!signal.ok) return signal;
  const said = { ...words, run_id: context.runId, step: context.key };
  const rendered = payload === undefined ? ok<Json>(said) : context.render(payload);
  return rendered.ok ? ok({ runId: runId.value, name: signal.value, payload: rendered.value }) : rendered;
}

export async function sendRunSignal(signal: RunSignal, io: CallIo): Promise<Result<JsonObject, Failure>> {
  const problem = await io.signalRun(signal.runId, signal.name, signal.payload);
  return problem ? err(problem) : ok({});
}
