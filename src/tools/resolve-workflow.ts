/** The workflow a call means: a named one, an inline definition, or bare commands. Exactly one of the three. */
import { definitionDigest } from '../definition/definition-digest.ts';
import type { Diagnostic } from '../definition/diagnostic.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { Workflow } from '../engine/core/model.ts';
import { stepTypes } from '../steps/catalogue.ts';
import { failed, invalidDefinition, unknownWorkflow } from './answers.ts';
import type { Belay } from './belay.ts';
import type { ToolResult } from './tool.ts';

export interface WorkflowChoice {
  readonly workflow?: string | undefined;
  readonly definition?: string | { readonly [key: string]: unknown } | undefined;
  readonly commands?: readonly string[] | undefined;
}

export interface ResolvedWorkflow {
  readonly workflow: Workflow;
  readonly digest: string;
  /** Where it came from: a file, `inline` or `commands`. */
  readonly source: string;
  readonly warnings: readonly Diagnostic[];
}

export interface ReadWorkflow {
  readonly workflow?: Workflow;
  readonly diagnostics: readonly Diagnostic[];
  readonly source: string;
}

/** Reads without judging: `workflow` is absent where the definition has errors. */
export async function readWorkflow(
  belay: Belay,
  choice: WorkflowChoice,
): Promise<Result<ReadWorkflow, ToolResult>> {
  const given = [choice.workflow, choice.definition, choice.commands].filter((each) => each !== undefined);
  if (given.length !== 1) {
    return err(
      failed({
        code: 'invalid_input',
        message: `expected exactly one of \`workflow\`, \`definition\`, \`commands\`, found ${given.length}`,
        hint: '`workflow` names a known one, `definition` is YAML text or an object, `commands` is a list of shell commands',
      }),
    );
  }
  // loaded with the first definition: a server that only lists its tools needs neither YAML nor CEL
  const { readDefinition } = await import('../definition/read-definition.ts');
  if (choice.workflow !== undefined) {
    const found = belay.library.find(choice.workflow);
    if (!found) return err(unknownWorkflow(belay, choice.workflow));
    return ok({ ...readDefinition({ text: found.text, file: found.file }, stepTypes), source: found.file });
  }
  if (choice.commands !== undefined) {
    return ok({
      ...readDefinition({ value: commandsDefinition(choice.commands) }, stepTypes),
      source: 'commands',
    });
  }
  const { definition } = choice;
  const source = typeof definition === 'string' ? { text: definition } : { value: definition };
  return ok({ ...readDefinition(source, stepTypes), source: 'inline' });
}

export async function resolveWorkflow(
  belay: Belay,
  choice: WorkflowChoice,
): Promise<Result<ResolvedWorkflow, ToolResult>> {
  const read = await readWorkflow(belay, choice);
  if (!read.ok) return read;
  const { workflow, diagnostics, source } = read.value;
  if (!workflow) return err(invalidDefinition(diagnostics));
  return ok({
    workflow,
    digest: definitionDigest(workflow),
    source,
    warnings: diagnostics.filter((each) => each.severity !== 'error'),
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
