/** workflow_validate: everything that is wrong with a definition, at once, without running it. */
import { z } from 'zod';
import { checkInputs } from '../definition/check-inputs.ts';
import type { Diagnostic } from '../definition/diagnostic.ts';
import type { JsonObject, Workflow } from '../engine/core/model.ts';
import { allowedEnvironment } from '../engine/host/environment.ts';
import { checkPrerequisites } from '../engine/host/prerequisites.ts';
import { cutText } from './answer-budget.ts';
import { diagnosticLine, diagnosticsJson, done } from './answers.ts';
import { diagnosticSchema } from './diagnostic-schema.ts';
import { notSupportedLevel } from './not-supported.ts';
import { readWorkflow } from './resolve-workflow.ts';
import type { Tool, ToolContext } from './tool.ts';

const DETAIL_BYTES_MAX = 4 * 1024;

const input = z.strictObject({
  workflow: z.string().optional().describe('name of a known workflow'),
  definition: z
    .union([z.string(), z.record(z.string(), z.json())])
    .optional()
    .describe('YAML or JSON text, or an object'),
  level: z
    .enum(['basic', 'standard', 'strict', 'paranoid'])
    .optional()
    .describe('basic: would it be accepted; standard (unless said): warnings, inputs and prerequisites too'),
  inputs: z.record(z.string(), z.json()).optional().describe('inputs to check with it'),
});

const check = z.object({
  name: z.string(),
  level: z.string(),
  status: z.enum(['passed', 'failed', 'warned', 'skipped']),
  detail: z.string(),
});

type Check = z.infer<typeof check>;

export const validateTool: Tool<typeof input> = {
  name: 'workflow_validate',
  title: 'Check a workflow',
  description:
    'Checks a workflow without running it and names everything that is wrong, with line, column and the way out.',
  input,
  output: z.object({
    valid: z.boolean(),
    level: z.string(),
    diagnostics: z.array(diagnosticSchema),
    checks: z.array(check),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },

  async run(context, args) {
    const level = args.level ?? 'standard';
    const unsupported = notSupportedLevel(level);
    if (unsupported) return unsupported;
    const read = await readWorkflow(context.belay, args);
    if (!read.ok) return read.error;
    const { workflow } = read.value;
    const isStandard = level === 'standard';
    const diagnostics = [...read.value.diagnostics].filter((each) => isStandard || each.severity === 'error');
    const checks: Check[] = [definitionCheck(diagnostics)];
    if (isStandard) {
      checks.push(inputsCheck(workflow, args.inputs, diagnostics));
      checks.push(await prerequisitesCheck(context, workflow));
    }
    const valid = diagnostics.every((each) => each.severity !== 'error');
    const lines = [valid ? 'valid' : 'not valid', ...diagnostics.map(lineOf), ...checks.map(checkLine)];
    return done(
      {
        valid,
        level,
        diagnostics: diagnosticsJson(diagnostics),
        checks: checks as unknown as JsonObject[],
      },
      lines.join('\n'),
    );
  },
};

const lineOf = (each: Diagnostic): string => `${each.severity}: ${diagnosticLine(each)}`;
const checkLine = (each: Check): string => `check ${each.name}: ${each.status}, ${each.detail}`;

function definitionCheck(diagnostics: readonly Diagnostic[]): Check {
  const errors = diagnostics.filter((each) => each.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  return {
    name: 'definition',
    level: 'basic',
    status: errors > 0 ? 'failed' : warnings > 0 ? 'warned' : 'passed',
    detail: `${errors} errors, ${warnings} warnings`,
  };
}

function inputsCheck(
  workflow: Workflow | undefined,
  inputs: JsonObject | undefined,
  diagnostics: Diagnostic[],
): Check {
  const base = { name: 'inputs', level: 'standard' };
  if (!workflow) return { ...base, status: 'skipped', detail: 'the definition has errors' };
  if (!inputs) return { ...base, status: 'skipped', detail: 'no inputs were given' };
  const checked = checkInputs(workflow, inputs);
  diagnostics.push(...checked.diagnostics);
  return checked.inputs
    ? { ...base, status: 'passed', detail: 'the inputs fit' }
    : { ...base, status: 'failed', detail: `${checked.diagnostics.length} problems` };
}

/** What is missing here and now is told but makes no definition invalid: it may run elsewhere. */
async function prerequisitesCheck(context: ToolContext, workflow: Workflow | undefined): Promise<Check> {
  const base = { name: 'prerequisites', level: 'standard' };
  if (!workflow) return { ...base, status: 'skipped', detail: 'the definition has errors' };
  const env = allowedEnvironment(process.env);
  const problems = await checkPrerequisites({ workflow, env, cwd: context.cwd });
  return problems.length === 0
    ? { ...base, status: 'passed', detail: `${workflow.prerequisites.length} checked` }
    : {
        ...base,
        status: 'warned',
        detail: cutText(problems.join('; '), DETAIL_BYTES_MAX, 'the rest is not shown'),
      };
}
