/** workflow_resume: lets a failed, cancelled, paused or interrupted run go on, keeping what succeeded. */
import { z } from 'zod';
import { checkInputs } from '../definition/check-inputs.ts';
import type { WithGiven } from '../engine/core/artifact.ts';
import type { Event } from '../engine/core/events.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { RunState } from '../engine/core/state.ts';
import { loadRun } from '../engine/host/load-run.ts';
import { request } from '../engine/host/run-requests.ts';
import { failed, refusedRequest } from './answers.ts';
import type { Belay } from './belay.ts';
import { continueRun, showRun } from './follow-run.ts';
import { placeAll, resolveGiven, stillGiven } from './given-artifacts.ts';
import { changeWarnings, keptInputs, otherWorkflow, redefinition } from './redefine-run.ts';
import { requester } from './requester.ts';
import type { ResolvedWorkflow } from './resolve-workflow.ts';
import { runViewSchema } from './run-view-schema.ts';
import { invalidInputs, missingFiles } from './start-run.ts';
import { hostProblem } from './storage-problem.ts';
import { isDriven, isUnderWay, namesText } from './stranded-run.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';
import { unknownStep } from './unknown-step.ts';
import { WAIT_SECONDS_MAX } from './wait-for-run.ts';

const WAIT_SECONDS = 20;

const input = z.strictObject({
  run_id: z.string(),
  from_step: z
    .string()
    .optional()
    .describe('run this step and everything after it again, whatever became of it'),
  only: z
    .boolean()
    .optional()
    .describe('with from_step: other steps that failed stay as they are, and what needs them does not run'),
  inputs: z
    .record(z.string(), z.json())
    .optional()
    .describe('inputs to change; the others stay as they were'),
  workflow: z
    .string()
    .optional()
    .describe('go on with the definition that this workflow has now; steps that changed run again'),
  definition: z
    .union([z.string(), z.record(z.string(), z.json())])
    .optional()
    .describe('the same with an inline definition of the same name'),
  wait_seconds: z.number().min(0).max(WAIT_SECONDS_MAX).optional(),
});

type Input = z.output<typeof input>;

export const resumeTool: Tool<typeof input> = {
  name: 'workflow_resume',
  title: 'Resume a run',
  description:
    'Goes on with a run that failed, was cancelled, paused or interrupted: steps that succeeded are kept, the others run ' +
    'again. With from_step that step and everything after it run again; inputs and the definition may be changed.',
  input,
  output: runViewSchema,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },

  async run(context, args) {
    const { belay } = context;
    const problem = hostProblem(belay, 'the run was not resumed');
    if (problem) return problem;
    const wrong = args.from_step === undefined ? undefined : unknownStep(belay, args.run_id, args.from_step);
    if (wrong) return wrong;
    const redefined = await redefinition(belay, args);
    if (!redefined.ok) return redefined.error;
    const brought = await bringGiven(context, args, redefined.value);
    if (!brought.ok) return brought.error;
    let warnings: readonly string[] = [];
    const resumed = request<ToolResult | 'going_on'>(requester(context), args.run_id, (run) => {
      warnings = [...otherValues(belay, run), ...changeWarnings(run, redefined.value)];
      return isGoingOn(belay, run, args)
        ? err('going_on' as const)
        : resumedEvent(context, run, args, { ...brought.value, redefined: redefined.value });
    });
    if (!resumed.ok && resumed.error !== 'going_on')
      return 'kind' in resumed.error ? resumed.error : refusedRequest(belay, args.run_id, resumed.error);
    belay.host?.kick(args.run_id);
    const waitSeconds = args.wait_seconds ?? WAIT_SECONDS;
    return showRun(context, args.run_id, { waitSeconds, asks: true, warnings });
  },

  resume: (context, args, _state, responses) =>
    continueRun(context, args.run_id, responses, args.wait_seconds ?? WAIT_SECONDS),
};

/** A run that stood still for want of its variables: this process has them, and takes it up as it is. */
const isGoingOn = ({ secrets }: Belay, run: RunState, args: Input): boolean =>
  isUnderWay(run) &&
  run.secrets !== undefined &&
  secrets.lacking(run).length === 0 &&
  args.from_step === undefined &&
  args.workflow === undefined &&
  args.definition === undefined &&
  args.inputs === undefined;

function otherValues({ secrets }: Belay, run: RunState): readonly string[] {
  const names = secrets.lacking(run);
  return names.length === 0 ? [] : [`${namesText(names)} not set as before: the steps use what is set now`];
}

/** Why the run cannot go on with the variables of this process. */
function variableProblem(belay: Belay, run: RunState): ToolResult | undefined {
  const here = belay.secrets.digests(run.workflow) ?? {};
  const unset = Object.keys(run.secrets ?? {}).filter((name) => here[name] === undefined);
  if (unset.length > 0) {
    return failed({
      code: 'missing_variable',
      message: `${namesText(unset)} not set here, and the run was started with a value`,
      hint: `set it and call \`belay resume ${run.runId}\`; a server has the variables of the program that started it`,
    });
  }
  const other = belay.secrets.lacking(run);
  if (other.length === 0 || !isUnderWay(run) || !isDriven(belay, run.runId)) return undefined;
  return failed({
    code: 'conflict',
    message: `the run is under way on a host where ${namesText(other)} set to another value`,
    hint: 'workflow_status follows it',
  });
}

/** Artifacts among the new inputs, and those that the run had before: their copies may have been removed since. */
async function bringGiven(
  { belay }: ToolContext,
  args: Input,
  redefined: ResolvedWorkflow | undefined,
): Promise<Result<WithGiven, ToolResult>> {
  const run = loadRun(belay.journal, args.run_id);
  if (!run.ok) return ok({ inputs: {}, given: [] });
  const { inputs = {} } = args;
  const found = resolveGiven(belay, (redefined ?? run.value).workflow, inputs as JsonObject);
  if (!found.ok) return err(failed(found.error));
  const before = stillGiven(belay, run.value, { ...run.value.inputs, ...inputs });
  const problem = await placeAll(belay, [...before, ...found.value.given]);
  if (problem) return err(failed(problem));
  return found;
}

interface Wanted extends WithGiven {
  readonly redefined: ResolvedWorkflow | undefined;
}

function resumedEvent(
  context: ToolContext,
  run: RunState,
  args: Input,
  { redefined, ...brought }: Wanted,
): Result<Event, ToolResult> {
  const problem = variableProblem(context.belay, run) ?? otherWorkflow(run, redefined);
  if (problem) return err(problem);
  const { workflow } = redefined ?? run;
  const secrets = context.belay.secrets.digests(workflow);
  let inputs: JsonObject | undefined;
  if (args.inputs || redefined) {
    const checked = checkInputs(workflow, { ...keptInputs(run, workflow), ...brought.inputs });
    if (!checked.inputs) return err(invalidInputs(checked.diagnostics));
    const missing = missingFiles(workflow, checked.inputs, run.cwd);
    if (missing) return err(missing);
    inputs = checked.inputs;
  }
  return ok({
    type: 'run.resumed',
    by: context.caller,
    ...(args.from_step !== undefined && { from_step: args.from_step }),
    ...(args.only && { only: true as const }),
    ...(inputs && { inputs }),
    ...(redefined && { definition: workflow as unknown as JsonObject, digest: redefined.digest }),
    ...(brought.given.length > 0 && { given: brought.given }),
    ...(secrets && { secrets }),
  });
}
