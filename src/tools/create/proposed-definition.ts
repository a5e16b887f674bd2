/** What a call of workflow_create wants to save: exactly one of its four sources, as a definition. */
import { readText } from '../../definition/source/read-text.ts';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import type { JsonObject, Workflow } from '../../engine/core/model.ts';
import { loadRun } from '../../engine/host/load-run.ts';
import { masked } from '../../engine/host/mask.ts';
import { commandsDescription, commandsName, defineCommands } from '../../learning/mine/define-commands.ts';
import { failed, invalidDefinition, unknownRun } from '../answers.ts';
import { newWorkflows } from '../learning/new-workflows.ts';
import type { ToolContext, ToolResult } from '../tool.ts';
import type { CreateInput } from './create-input.ts';
import { runDefinition } from './run-definition.ts';
import { secretFree, withNames } from './secret-free.ts';

export interface ProposedDefinition {
  readonly definition: JsonObject;
  /** As the caller has written it. */
  readonly text?: string;
  readonly secrets: readonly string[];
  readonly leftOut: readonly string[];
}

type Proposed = Result<ProposedDefinition, ToolResult>;

const SOURCES = ['definition', 'from_run', 'from_commands', 'from_pattern'] as const;
/** Of a run that had commands and no workflow. */
const AD_HOC = 'commands';
const HELD_CHARS_MIN = 4;
/** A pattern that is asked for is waited for: mining takes a second or so over a long history. */
const PATTERN_WAIT_MS = 20_000;

export async function proposedDefinition(context: ToolContext, args: CreateInput): Promise<Proposed> {
  const given = SOURCES.filter((source) => args[source] !== undefined);
  if (given.length !== 1) return err(oneSource(given.length));
  if (args.definition !== undefined) return givenDefinition(args.definition);
  if (args.from_run !== undefined) return fromRun(context, args.from_run, args.name);
  if (args.from_commands !== undefined) return ok(fromCommands(args.from_commands, args.name));
  return fromPattern(context, args.from_pattern as string);
}

function givenDefinition(definition: NonNullable<CreateInput['definition']>): Proposed {
  if (typeof definition !== 'string')
    return ok({ definition: definition as JsonObject, secrets: [], leftOut: [] });
  const { value, list } = readText(definition);
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (value !== undefined && !isMap)
    list.add({ code: 'wrong_type', message: 'the definition must be a map', path: [] });
  if (list.hasErrors) return err(invalidDefinition(list.sorted()));
  return ok({ definition: value as JsonObject, text: definition, secrets: [], leftOut: [] });
}

function fromRun({ belay }: ToolContext, runId: string, name: string | undefined): Proposed {
  const loaded = loadRun(belay.journal, runId);
  if (!loaded.ok) return err(unknownRun(belay, runId));
  const run = loaded.value;
  const isAdHoc = run.source === AD_HOC;
  const { definition, left } = runDefinition(run, isAdHoc ? (name ?? 'commands') : name);
  const steps = definition.steps as readonly JsonObject[];
  if (steps.length === 0) return err(nothingSucceeded(runId));
  if (isAdHoc) {
    // they were taken as they stand: braces were not expressions
    const commands = steps.map(({ command }) => String(command).replaceAll("{{ '{{' }}", '{{'));
    return ok({ ...fromCommands(masked(run.workflow, commands), name), leftOut: left });
  }
  const named = withNames(definition, heldValues(run.workflow));
  return ok({ ...secretFree(masked(run.workflow, named)), leftOut: left });
}

/** Of the variables that it asks for, as they are here; shorter ones are no secrets. */
function heldValues({ prerequisites }: Workflow): ReadonlyMap<string, string> {
  const names = prerequisites.flatMap((each) => (each.kind === 'env' ? [each.env] : []));
  const values = names.map((name) => [name, process.env[name] ?? ''] as const);
  return new Map(values.filter(([, value]) => value.length >= HELD_CHARS_MIN));
}

function fromCommands(commands: readonly string[], name: string | undefined): ProposedDefinition {
  const told = { name: name ?? commandsName(commands), description: commandsDescription(commands), commands };
  return { ...secretFree(defineCommands(told)), leftOut: [] };
}

async function fromPattern({ belay }: ToolContext, id: string): Promise<Proposed> {
  const isIt = (pattern: { readonly id: string }): boolean => pattern.id === id;
  const known = await newWorkflows(belay, PATTERN_WAIT_MS, ({ patterns }) => patterns.some(isIt));
  const found = known.patterns.find(isIt);
  if (!found) return err(unknownPattern(id));
  return ok({ ...secretFree(found.definition), leftOut: [] });
}

const oneSource = (found: number): ToolResult =>
  failed({
    code: 'invalid_input',
    message: `expected exactly one of \`definition\`, \`from_run\`, \`from_commands\`, \`from_pattern\`, found ${found}`,
    hint: '`definition` is YAML text or an object, `from_run` a run id, `from_commands` a list, `from_pattern` comes from workflow_suggest',
  });

const nothingSucceeded = (runId: string): ToolResult =>
  failed({
    code: 'invalid_input',
    message: `no step of run \`${runId}\` has succeeded, so there is nothing to save`,
    hint: 'workflow_status shows its steps; a run whose steps succeeded can be saved',
  });

const unknownPattern = (id: string): ToolResult =>
  failed({
    code: 'unknown_pattern',
    message: `pattern \`${id}\` is not among those that are found now`,
    hint: 'workflow_suggest shows them as `new_workflow`; what is shown there as `definition` can be given as `definition`',
    next: [{ tool: 'workflow_suggest', arguments: {}, why: 'see which patterns there are now' }],
  });
