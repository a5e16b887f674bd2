/**
 * Saving a workflow, from its source to the file. Owns the order: what is wanted, whether it is right, what is there
 * already, a person's word, the file.
 * 1. Nothing is written that could not be run.
 * 2. A file that is there is changed only after somebody has seen how, or with `overwrite` where nobody can be asked.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { textDiff } from '../../checkpoint/text-diff.ts';
import { readText } from '../../definition/source/read-text.ts';
import { definitionText, inOrder } from '../../definition/write/definition-text.ts';
import { hasComments, updatedText } from '../../definition/write/updated-text.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import { changesShell } from '../../learning/mine/work-in-sequence.ts';
import { redact } from '../../learning/redact.ts';
import { readCommand } from '../../learning/shell/read-command.ts';
import { cutText, LIST_BYTES_MAX, PROMPT_BYTES_MAX } from '../answer-budget.ts';
import { diagnosticLine, diagnosticsJson, done, failed, invalidDefinition } from '../answers.ts';
import type { Belay } from '../belay.ts';
import { readWorkflow } from '../resolve-workflow.ts';
import type { ToolAnswer, ToolContext, ToolResult } from '../tool.ts';
import type { CreateInput } from './create-input.ts';
import { type ProposedDefinition, proposedDefinition } from './proposed-definition.ts';
import {
  isJsonFile,
  type Scope,
  type WorkflowFile,
  workflowFile,
  writeWorkflowFile,
} from './workflow-file.ts';

interface Change {
  readonly name: string;
  readonly scope: Scope;
  readonly file: WorkflowFile;
  readonly text: string;
}

const CONFIRM = 'confirm';

/** @param agreed digest of the change that a person has agreed to */
export async function createWorkflow(
  context: ToolContext,
  args: CreateInput,
  agreed?: string,
): Promise<ToolAnswer> {
  const proposed = await proposedDefinition(context, args);
  if (!proposed.ok) return proposed.error;
  const name = args.name ?? proposed.value.definition.name;
  if (typeof name !== 'string') return failed(noName);
  const scope = args.scope ?? 'project';
  const found = workflowFile(context.belay, scope, name);
  if (!found.ok) return failed(found.error);
  const file = found.value;
  // what is no definition is never laid out as one, however deep or long it is
  const checked = await readWorkflow(context.belay, { definition: proposed.value.definition });
  if (!checked.ok) return checked.error;
  if (!checked.value.workflow && proposed.value.text === undefined)
    return invalidDefinition(checked.value.diagnostics);
  const text = textFor(file, { ...proposed.value, definition: { ...proposed.value.definition, name } });
  const read = await readWorkflow(context.belay, { definition: text });
  if (!read.ok) return read.error;
  if (!read.value.workflow) return invalidDefinition(read.value.diagnostics);
  const change = { name, scope, file, text };
  const isSame = file.text === text;
  const asked = isSame ? undefined : overwriteProblem(context, args, change, agreed);
  if (asked) return asked;
  const problem = isSame ? undefined : writeWorkflowFile(file, text);
  if (problem) return failed(problem);
  const status = isSame ? 'unchanged' : file.text === undefined ? 'created' : 'updated';
  return saved(context.belay, change, { ...proposed.value, status, diagnostics: read.value.diagnostics });
}

/** As the caller wrote it, where that was meant for readers; else as a person would have. */
function textFor(file: WorkflowFile, { definition, text }: ProposedDefinition): string {
  if (isJsonFile(file)) return `${JSON.stringify(inOrder(definition), null, 2)}\n`;
  const isWritten = text !== undefined && !/^\s*\{/.test(text);
  if (isWritten && (file.text === undefined || hasComments(text)))
    return updatedText(ended(text), definition);
  const isReadable = file.text !== undefined && !readText(file.text).list.hasErrors;
  return isReadable ? updatedText(file.text ?? '', definition) : definitionText(definition);
}

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

/** What stands before the change of a file that is there; undefined when it may be changed. */
function overwriteProblem(
  context: ToolContext,
  { overwrite = false }: CreateInput,
  change: Change,
  agreed: string | undefined,
): ToolAnswer | undefined {
  const { file, text, name } = change;
  if (file.text === undefined || agreed === digestOf(change)) return undefined;
  // a person who has agreed to another change has not agreed to this one
  const isPerson = context.human && agreed === undefined;
  if (overwrite && (isPerson || !context.canAsk)) return undefined;
  const refused = exists(change);
  if (!context.canAsk) return refused;
  const head = `Change workflow ${name} (${file.path})?\n`;
  const field = { type: 'boolean', title: 'Change it', description: 'true: write what is shown here' };
  const diff = cutText(
    textDiff(file.path, file.text, text),
    PROMPT_BYTES_MAX - Buffer.byteLength(head) - 100,
    'the rest is not shown',
  );
  return {
    kind: 'ask',
    asks: [
      {
        id: CONFIRM,
        message: `${head}${diff}`,
        schema: { type: 'object', properties: { [CONFIRM]: field }, required: [CONFIRM] },
      },
    ],
    state: { change: digestOf(change) },
    otherwise: refused,
  };
}

const digestOf = ({ file, text }: Change): string =>
  createHash('sha256')
    .update(JSON.stringify([file.path, file.text, text]))
    .digest('hex');

interface Saved extends ProposedDefinition {
  readonly status: 'created' | 'updated' | 'unchanged';
  readonly diagnostics: Parameters<typeof diagnosticsJson>[0];
}

/** Whoever typed it had one shell; each step has its own. */
function shellNote({ steps }: JsonObject): readonly string[] {
  const lost = (Array.isArray(steps) ? (steps as readonly JsonObject[]) : []).flatMap(({ id, command }) =>
    typeof command === 'string' && changesShell(readCommand(command).stub) ? [`\`${id}\``] : [],
  );
  if (lost.length === 0) return [];
  return [
    `${lost.join(', ')} changes nothing for the other steps, since each has a shell of its own: say \`cwd\` or \`env\` there`,
  ];
}

function saved(belay: Belay, { name, scope, file, text }: Change, told: Saved): ToolResult {
  const { status, diagnostics, secrets, leftOut } = told;
  const notes = [
    ...hiddenNote(belay, name, file.path),
    ...(secrets.length > 0 ? [`it asks for ${secrets.join(', ')} in the place of what was a secret`] : []),
    ...shellNote(told.definition),
    ...(leftOut.length > 0 ? [`steps that did not succeed are left out: ${leftOut.join(', ')}`] : []),
    ...(secrets.length === 0 && redact(text).hits > 0
      ? ['it may hold a secret: write `{{ env.NAME }}`, and NAME into `secrets`']
      : []),
  ];
  const lines = [
    `${status} ${file.path}`,
    ...notes.map((note) => `note: ${note}`),
    ...diagnostics.map((each) => `${each.severity}: ${diagnosticLine(each)}`),
    '',
    text,
  ];
  const structured = {
    workflow: name,
    path: file.path,
    scope,
    status,
    definition: cutText(text, LIST_BYTES_MAX / 2, 'the file has the rest'),
    diagnostics: diagnosticsJson(diagnostics),
    secrets,
    left_out: leftOut,
    notes,
    next: [
      { tool: 'workflow_execute', arguments: { workflow: name, dry_run: true }, why: 'see what it would do' },
    ],
  };
  return done(structured as unknown as JsonObject, lines.join('\n'));
}

/** Another folder that is searched first has a workflow of that name. */
function hiddenNote(belay: Belay, name: string, path: string): readonly string[] {
  const found = belay.library.find(name);
  if (!found) return [];
  return found.file === realpathSync(path)
    ? []
    : [`\`${name}\` still means ${found.file}, which is found first`];
}

export const keptAsItWas = (): ToolResult =>
  failed({
    code: 'declined',
    message: 'the person did not agree to the change; nothing was written',
    hint: 'ask them what to do instead, or take another `name`',
  });

const noName = {
  code: 'invalid_input',
  message: 'the workflow has no name',
  hint: 'give it as `name`, kebab-case',
};

const exists = ({ name, file }: Change): ToolResult =>
  failed({
    code: 'conflict',
    message: `workflow \`${name}\` is there already (${file.path}); nothing was changed`,
    hint: 'call again with `overwrite: true` to change it, or take another `name`',
    next: [
      { tool: 'workflow_validate', arguments: { workflow: name }, why: 'look at the one that is there' },
    ],
  });
