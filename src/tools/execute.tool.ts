/**
 * workflow_execute: starts a run and waits a while for it.
 * Owns the order of checks before a run exists; nothing is recorded until all of them have passed.
 */
import { z } from 'zod';
import { checkInputs } from '../definition/check-inputs.ts';
import { inputsSchema } from '../definition/inputs-schema.ts';
import type { WithGiven } from '../engine/core/artifact.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import { PRIORITY_MAX } from '../engine/core/limits.ts';
import {
  type FailurePolicy,
  type JsonObject,
  STRATEGIES,
  type Strategy,
  type Workflow,
} from '../engine/core/model.ts';
import { allowedEnvironment } from '../engine/host/environment.ts';
import { STRUCTURED_BYTES_MAX } from './answer-budget.ts';
import { done, failed } from './answers.ts';
import { fitView } from './fit-view.ts';
import { continueRun, showRun } from './follow-run.ts';
import { placeAll, resolveGiven, stillGiven } from './given-artifacts.ts';
import { notSupportedLevel } from './not-supported.ts';
import { type ResolvedWorkflow, resolveWorkflow } from './resolve-workflow.ts';
import { viewJson } from './run-view.ts';
import { type RunView, runViewSchema } from './run-view-schema.ts';
import { checkedCwd, invalidInputs, missingFiles, startRun } from './start-run.ts';
import type { FormResponse, Tool, ToolAnswer, ToolContext, ToolResult } from './tool.ts';
import { WAIT_SECONDS_MAX } from './wait-for-run.ts';

const WAIT_SECONDS = 20;
const COMMAND_LOG_LINES = 50;

/** A strategy may be said with or without the word of a definition. */
const ON_FAILURE = [
  'stop',
  ...STRATEGIES,
  'rollback',
  ...STRATEGIES.map((each) => `rollback:${each}` as const),
] as const;

const input = z.strictObject({
  workflow: z.string().optional().describe('name of a known workflow (workflow_list)'),
  definition: z
    .union([z.string(), z.record(z.string(), z.json())])
    .optional()
    .describe('inline workflow: YAML or JSON text, or an object'),
  commands: z
    .array(z.string().min(1))
    .min(1)
    .max(500)
    .optional()
    .describe('shell commands to run one after the other'),
  again: z
    .string()
    .optional()
    .describe('run id: run its workflow again as it was, with its inputs as far as no others are given'),
  inputs: z.record(z.string(), z.json()).optional().describe('values for the inputs of the workflow'),
  dry_run: z.boolean().optional().describe('show the plan with rendered commands and start nothing'),
  level: z
    .enum(['basic', 'standard', 'strict', 'paranoid'])
    .optional()
    .describe('how hard to check first; standard unless said'),
  on_failure: z
    .enum(ON_FAILURE)
    .optional()
    .describe(
      'when the run fails: stop, or take it back with that strategy (rollback alone is graceful); before what the workflow says',
    ),
  wait_seconds: z
    .number()
    .min(0)
    .max(WAIT_SECONDS_MAX)
    .optional()
    .describe(
      `seconds to wait for the end before answering, ${WAIT_SECONDS} unless said; the run goes on after that`,
    ),
  idempotency_key: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('a second call with the same key answers with the first run'),
  priority: z
    .int()
    .min(-PRIORITY_MAX)
    .max(PRIORITY_MAX)
    .optional()
    .describe('0 unless said; a run with a higher one goes first where runs wait for one another'),
  no_cache: z
    .boolean()
    .optional()
    .describe('perform every step, also where an earlier result would do, and keep no results'),
  cwd: z.string().optional().describe('directory to run in'),
  intent: z.string().max(2_000).optional().describe('what this run is for, in a sentence'),
});

type Input = z.output<typeof input>;

interface Checked extends WithGiven {
  readonly resolved: ResolvedWorkflow;
  readonly cwd: string;
}

export const executeTool: Tool<typeof input> = {
  name: 'workflow_execute',
  title: 'Run a workflow',
  description:
    'Runs a named workflow, an inline definition or plain shell commands as one durable run: steps survive crashes, are ' +
    'logged, and the run can be watched, answered, cancelled and resumed. Answers with the run view after wait_seconds at ' +
    'the latest; call workflow_status with the run_id for the rest.',
  input,
  output: runViewSchema,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },

  async run(context, args) {
    const checked = await check(context, args, args.inputs ?? {});
    if (!checked.ok) return checked.error;
    return begin(context, args, checked.value);
  },

  async resume(context, args, state, responses) {
    if (typeof state.run_id === 'string')
      return continueRun(context, state.run_id, responses, waitSeconds(args));
    return resumeWithInputs(context, args, responses);
  },
};

function failurePolicy(given: Input['on_failure']): FailurePolicy | undefined {
  if (given === undefined || given === 'stop' || given.startsWith('rollback'))
    return given as FailurePolicy | undefined;
  return `rollback:${given as Strategy}`;
}

const waitSeconds = (args: Input): number => args.wait_seconds ?? WAIT_SECONDS;

/** Everything that can be wrong before a run exists; a missing input is asked for where the client can. */
async function check(
  context: ToolContext,
  args: Input,
  values: JsonObject,
): Promise<Result<Checked, ToolAnswer>> {
  const unsupported = notSupportedLevel(args.level);
  if (unsupported) return err(unsupported);
  const resolved = await resolveWorkflow(context.belay, args);
  if (!resolved.ok) return resolved;
  const { workflow, earlier } = resolved.value;
  const inputs = checkInputs(workflow, { ...earlier?.inputs, ...values });
  if (!inputs.inputs) {
    const wrong = invalidInputs(inputs.diagnostics);
    const onlyMissing = inputs.missing.length > 0 && inputs.diagnostics.length === inputs.missing.length;
    return err(onlyMissing ? askForInputs(workflow, inputs.missing, wrong) : wrong);
  }
  const cwd = checkedCwd(context, args.cwd ?? earlier?.cwd);
  if (!cwd.ok) return cwd;
  const asked = resolveGiven(context.belay, workflow, inputs.inputs);
  if (!asked.ok) return err(failed(asked.error));
  const kept = earlier ? stillGiven(context.belay, earlier, inputs.inputs) : [];
  const given = [...asked.value.given, ...kept];
  const brought = given.map(({ input }) => input);
  const missing = missingFiles(workflow, inputs.inputs, cwd.value, brought);
  if (missing) return err(missing);
  return ok({ resolved: resolved.value, inputs: asked.value.inputs, given, cwd: cwd.value });
}

function askForInputs(workflow: Workflow, missing: readonly string[], otherwise: ToolResult): ToolAnswer {
  return {
    kind: 'ask',
    asks: [
      {
        id: 'inputs',
        message: `workflow \`${workflow.name}\` needs ${missing.length === 1 ? 'a value' : 'values'} for ${missing.join(', ')}`,
        schema: inputsSchema(workflow, missing),
      },
    ],
    state: {},
    otherwise,
  };
}

async function resumeWithInputs(
  context: ToolContext,
  args: Input,
  responses: { readonly [ask: string]: FormResponse },
): Promise<ToolAnswer> {
  const response = responses.inputs;
  if (response?.action !== 'accept') {
    return failed({
      code: 'declined',
      message: 'the missing inputs were not given; nothing was started',
      hint: 'call again with all required `inputs`',
    });
  }
  const checked = await check(context, args, { ...args.inputs, ...response.content });
  // asked once: what is still wrong is an error, not another form
  if (!checked.ok) return checked.error.kind === 'ask' ? checked.error.otherwise : checked.error;
  return begin(context, args, checked.value);
}

async function begin(context: ToolContext, args: Input, checked: Checked): Promise<ToolAnswer> {
  if (args.dry_run) {
    const { dryRunView, planText } = await import('./dry-run.ts');
    const env = allowedEnvironment(process.env);
    const onFailure = failurePolicy(args.on_failure);
    const view = dryRunView({
      ...checked,
      catalogue: context.belay.catalogue,
      env,
      nowMs: context.belay.clock.now(),
      onFailure,
    });
    return done(viewJson(fitView(view, STRUCTURED_BYTES_MAX)), planText(view));
  }
  const unplaced = await placeAll(context.belay, checked.given);
  if (unplaced) return failed(unplaced);
  const started = startRun(context, {
    ...checked,
    intent: args.intent,
    idempotencyKey: args.idempotency_key,
    onFailure: failurePolicy(args.on_failure),
    noCache: args.no_cache,
    priority: args.priority,
  });
  if (!started.ok) return started.error;
  const { runId, existing } = started.value;
  const warnings = checked.resolved.warnings.map((warning) => warning.message);
  const more: Partial<RunView> = existing ? { existing } : {};
  // whoever sends plain commands wants to read what they said
  const logs = args.commands ? { logLines: COMMAND_LOG_LINES } : {};
  return showRun(context, runId, { waitSeconds: waitSeconds(args), asks: true, warnings, more, ...logs });
}
