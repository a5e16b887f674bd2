/** What a call of workflow_create wants to save: exactly one of its four sources, as a definition. */
import { readText } from '../../definition/source/read-text.ts';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import type { JsonObject, Workflow } from '../../engine/core/model.ts';
import { loadRun } from '../../engine/host/load-run.ts';
import { masked } from '../../engine/host/mask.ts';
import { defineCommands } from '../../learning/mine/define-commands.ts';
import { goalName } from '../../learning/mine/goal-name.ts';
import { failed, invalidDefinition, unknownRun } from '../answers.ts';
import type { Belay } from '../belay.ts';
import { goalPattern } from '../learning/suggest-goal-commands.ts';
import type { ToolContext, ToolResult } from '../tool.ts';
import type { CreateInput } from './create-input.ts';
import { isRunnable } from './is-runnable.ts';
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
  if (args.from_commands !== undefined)
    return ok(fromCommands(context.belay, args.from_commands, { name: args.name }));
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
    const told = {
      ...(run.intent !== undefined && goalName([run.intent])),
      ...(name !== undefined && { name }),
    };
    return ok({ ...fromCommands(belay, masked(run.workflow, commands), told), leftOut: left });
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

/** Without inputs where one would stand in what cannot be followed as a script. */
function fromCommands(
  { catalogue }: Belay,
  commands: readonly string[],
  told: { readonly name?: string | undefined; readonly description?: string },
): ProposedDefinition {
  const definition = defineCommands({ ...told, commands });
  const plain = { inputs: [], places: [] };
  const right = isRunnable(definition, catalogue)
    ? definition
    : defineCommands({ ...told, commands, found: plain });
  return { ...secretFree(right), leftOut: [] };
}

async function fromPattern({ belay }: ToolContext, id: string): Promise<Proposed> {
  const forGoal = goalPattern(belay.learning.store, id);
  const miner = await belay.learning.miner(belay.catalogue);
  const definition = forGoal ?? (await miner.pattern(id, PATTERN_WAIT_MS))?.definition;
  if (!definition) return err(unknownPattern(id));
  return ok({ ...secretFree(definition), leftOut: [] });
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
    message: `pattern \`${id}\` is not known: nothing like it is found in what was learned`,
    hint: 'workflow_suggest shows those that are, as `new_workflow`',
    next: [{ tool: 'workflow_suggest', arguments: {}, why: 'see which patterns there are now' }],
  });
