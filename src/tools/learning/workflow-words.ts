/**
 * The words that a workflow is found by, and the commands that it runs: of the whole definition, read once for each
 * version of its file.
 */
import { readFileSync } from 'node:fs';
import type { LibraryEntry } from '../../definition/library.ts';
import { readDefinition } from '../../definition/read-definition.ts';
import { DEFINITION_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Step } from '../../engine/core/model.ts';
import { type WorkflowDocument, workflowDocument } from '../../learning/intent/rank-workflows.ts';
import type { StepCatalogue } from '../step-catalogue.ts';

interface KnownWorkflow {
  readonly document: WorkflowDocument;
  readonly commands: readonly string[];
}

/** The library gives the same entry until the file changes. */
const known = new WeakMap<LibraryEntry, KnownWorkflow>();

export const workflowWords = (entry: LibraryEntry, catalogue: StepCatalogue): WorkflowDocument =>
  knownOf(entry, catalogue).document;

/** Of its shell steps, as templates. */
export const workflowCommands = (entry: LibraryEntry, catalogue: StepCatalogue): readonly string[] =>
  knownOf(entry, catalogue).commands;

function knownOf(entry: LibraryEntry, { types }: StepCatalogue): KnownWorkflow {
  const earlier = known.get(entry);
  if (earlier) return earlier;
  const { name, description = '', category = '', tags, inputs, file } = entry;
  const named = Object.entries(inputs).map(([input, spec]) => `${input} ${spec.description ?? ''}`);
  const { workflow } = readDefinition({ text: textOf(file), file }, types);
  const steps = workflow?.steps ?? [];
  const document = workflowDocument(name, {
    name,
    description,
    tags: [category, ...tags].join(' '),
    inputs: named.join(' '),
    steps: steps.flatMap(stepTexts).join(' '),
  });
  const read = { document, commands: steps.flatMap(stepCommands) };
  known.set(entry, read);
  return read;
}

/** The library has read it within its bounds just now; a file that has gone since has no words. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(0, DEFINITION_BYTES_MAX);
  } catch {
    return '';
  }
}

function stepTexts({ id, description = '', config, body = [] }: Step): readonly string[] {
  const { command } = config;
  return [id, description, typeof command === 'string' ? command : '', ...body.flatMap(stepTexts)];
}

function stepCommands({ config, body = [] }: Step): readonly string[] {
  const { command } = config;
  return [...(typeof command === 'string' ? [command] : []), ...body.flatMap(stepCommands)];
}
