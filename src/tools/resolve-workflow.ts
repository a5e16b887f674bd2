/** The workflow a call means: a named one, an inline definition, or bare commands. Exactly one of the three. */
import { definitionDigest } from '../definition/definition-digest.ts';
import type { Diagnostic } from '../definition/diagnostic.ts';
import type { DefinitionSource, ReadDefinition } from '../definition/read-definition.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { Workflow } from '../engine/core/model.ts';
import type { RunState } from '../engine/core/state.ts';
import { loadRun } from '../engine/host/load-run.ts';
import { failed, invalidDefinition, unknownRun, unknownWorkflow } from './answers.ts';
import type { Belay } from './belay.ts';
import type { ToolResult } from './tool.ts';

export interface WorkflowChoice {
  readonly workflow?: string | undefined;
  readonly definition?: string | { readonly [key: string]: unknown } | undefined;
  readonly commands?: readonly string[] | undefined;
  /** A run whose workflow is meant, as it was then. */
  readonly again?: string | undefined;
}

export interface ResolvedWorkflow {
  readonly workflow: Workflow;
  readonly digest: string;
  /** Where it came from: a file, `inline` or `commands`. */
  readonly source: string;
  readonly warnings: readonly Diagnostic[];
  /** The run that is run again. */
  readonly earlier?: RunState;
}

export interface ReadWorkflow {
  readonly workflow?: Workflow;
  readonly diagnostics: readonly Diagnostic[];
  readonly source: string;
  readonly earlier?: RunState;
}

/** Reads without judging: `workflow` is absent where the definition has errors. */
export async function readWorkflow(
  belay: Belay,
  choice: WorkflowChoice,
): Promise<Result<ReadWorkflow, ToolResult>> {
  const given = [choice.workflow, choice.definition, choice.commands, choice.again].filter(
    (each) => each !== undefined,
  );
  if (given.length !== 1) {
    return err(
      failed({
        code: 'invalid_input',
        message: `expected exactly one of \`workflow\`, \`definition\`, \`commands\`, \`again\`, found ${given.length}`,
        hint: '`workflow` names a known one, `definition` is YAML text or an object, `commands` is a list of shell commands, `again` a run id',
      }),
    );
  }
  if (choice.again !== undefined) return earlierWorkflow(belay, choice.again);
  const found = choice.workflow === undefined ? undefined : belay.library.find(choice.workflow);
  if (choice.workflow !== undefined && !found) return err(unknownWorkflow(belay, choice.workflow));
  // loaded with the first definition: a server that only lists its tools needs neither YAML nor CEL
  const { readDefinition } = await import('../definition/read-definition.ts');
  const read = readDefinition(sourceOf(choice, found), belay.catalogue.types);
  const source = found?.file ?? (choice.commands === undefined ? 'inline' : 'commands');
  return ok({ ...(await linked(belay, read)), source });
}

/** The workflow of a run, as it was when that run was created or last resumed. */
function earlierWorkflow(belay: Belay, runId: string): Result<ReadWorkflow, ToolResult> {
  const loaded = loadRun(belay.journal, runId);
  if (!loaded.ok) return err(unknownRun(belay, runId));
  const { workflow, source } = loaded.value;
  return ok({ workflow, source, diagnostics: [], earlier: loaded.value });
}

function sourceOf(choice: WorkflowChoice, found: ReturnType<Belay['library']['find']>): DefinitionSource {
  const { definition, commands } = choice;
  if (found) return { text: found.text, file: found.file };
  if (commands !== undefined) return { value: commandsDefinition(commands) };
  return typeof definition === 'string' ? { text: definition } : { value: definition };
}

/** With the workflows that its steps run. */
async function linked(belay: Belay, read: ReadDefinition): Promise<ReadDefinition> {
  if (!read.workflow) return read;
  const { linkWorkflows } = await import('../definition/link-workflows.ts');
  const { readDefinition } = await import('../definition/read-definition.ts');
  const { workflow: _unlinked, ...rest } = read;
  const { workflow, diagnostics } = linkWorkflows(read.workflow, {
    find: (name) => {
      const found = belay.library.find(name);
      return found && readDefinition({ text: found.text, file: found.file }, belay.catalogue.types);
    },
    names: () => belay.library.list().map(({ name }) => name),
  });
  return { ...rest, ...(workflow && { workflow }), diagnostics: [...read.diagnostics, ...diagnostics] };
}
export async function resolveWorkflow(
  belay: Belay,
  choice: WorkflowChoice,
): Promise<Result<ResolvedWorkflow, ToolResult>> {
  const read = await readWorkflow(belay, choice);
  if (!read.ok) return read;
  const { workflow, diagnostics, source, earlier } = read.value;
  if (!workflow) return err(invalidDefinition(diagnostics));
  return ok({
    workflow,
    digest: definitionDigest(workflow),
    source,
    warnings: diagnostics.filter((each) => each.severity !== 'error'),
    ...(earlier && { earlier }),
  });
}

/** Commands are taken as they stand: `{{` in them is text, not a template. */
const commandsDefinition = (commands: readonly string[]): unknown => ({
  name: 'commands',
  steps: commands.map((command, index) => ({
    id: `command-${index + 1}`,
    command: command.replaceAll('{{', "{{ '{{' }}"),
  })),
});
