/**
 * The way in: a definition as text or as a value, to a workflow or to diagnostics. Owns the order of the stages
 * (source, fields, graph, references); each later one sees what the earlier could keep, so that everything that
 * is wrong is said at once. Never throws for anything a caller sends.
 */
import { DEFINITION_BYTES_MAX, DEFINITION_DEPTH_MAX, DEFINITION_KEYS_MAX } from '../engine/core/limits.ts';
import type { Json, JsonObject, Workflow } from '../engine/core/model.ts';
import { buildWorkflow } from './build-workflow.ts';
import { checkBlocks } from './check/check-blocks.ts';
import { checkCache } from './check/check-cache.ts';
import { checkCheckpoints } from './check/check-checkpoints.ts';
import { checkEnvironment } from './check/check-environment.ts';
import { checkGraph } from './check/check-graph.ts';
import { checkInterface } from './check/check-interface.ts';
import { checkLimits } from './check/check-limits.ts';
import { checkReferences } from './check/check-references.ts';
import { checkRollback } from './check/check-rollback.ts';
import { checkSupported } from './check/check-supported.ts';
import { type Diagnostic, DiagnosticList, describe, type Locator } from './diagnostic.ts';
import type { Draft } from './draft.ts';
import { parseFields } from './parse-fields.ts';
import { StepReader } from './read-steps.ts';
import { type Catalogue, uncheckedWorkflow } from './schema/catalogue-schemas.ts';
import type { WorkflowFields } from './schema/workflow.ts';
import { readText } from './source/read-text.ts';
import { readValue } from './source/read-value.ts';
import { analyseTexts } from './texts.ts';

export type DefinitionSource =
  | { readonly text: string; readonly file?: string }
  | { readonly value: unknown };

export interface ReadDefinition {
  /** Absent when there is any error. */
  readonly workflow?: Workflow;
  readonly diagnostics: Diagnostic[];
  /** As written; there even when the rest is wrong. */
  readonly name?: string;
}

const NOWHERE: Locator = { locate: () => undefined };
const LIMITS = {
  bytesMax: DEFINITION_BYTES_MAX,
  keysMax: DEFINITION_KEYS_MAX,
  depthMax: DEFINITION_DEPTH_MAX,
};

/**
 * @param catalogue the step types that a definition may use
 */
export function readDefinition(source: DefinitionSource, catalogue: Catalogue): ReadDefinition {
  if (!('text' in source)) {
    const list = new DiagnosticList(NOWHERE);
    const value = readValue(source.value, LIMITS, list);
    return value === undefined ? { diagnostics: list.sorted() } : readRoot(value, catalogue, list, NOWHERE);
  }
  const { value, list, locator } = readText(source.text, source.file);
  return value === undefined ? { diagnostics: list.sorted() } : readRoot(value, catalogue, list, locator);
}

function readRoot(raw: Json, catalogue: Catalogue, list: DiagnosticList, locator: Locator): ReadDefinition {
  if (!isMap(raw)) {
    const message = `the definition must be a map, found ${describe(raw)}`;
    list.add({ code: 'wrong_type', message, hint: 'start with `name:` and `steps:`', path: [] });
    return { diagnostics: list.sorted() };
  }
  const draft = readDraft(raw, catalogue, list, locator);
  const texts = analyseTexts(draft);
  checkBlocks(draft, list);
  checkRollback(draft, list);
  checkCheckpoints(draft, list);
  checkCache(draft, list);
  const graph = checkGraph(draft, list);
  checkReferences(draft, texts, graph, list);
  checkInterface(draft, texts, list);
  checkEnvironment(draft, list);
  checkLimits(draft, list);
  const { name } = draft.fields;
  return {
    ...(name === undefined ? {} : { name }),
    ...(list.hasErrors ? {} : { workflow: buildWorkflow(draft, texts, locator) }),
    diagnostics: list.sorted(),
  };
}

function readDraft(raw: JsonObject, catalogue: Catalogue, list: DiagnosticList, locator: Locator): Draft {
  const known = Object.keys(uncheckedWorkflow.shape);
  const fields: Partial<WorkflowFields> = parseFields(uncheckedWorkflow, raw, [], list, known);
  const { version } = fields;
  const written = locator.textOf?.(['version']);
  if (typeof version === 'number' && written !== undefined) fields.version = written;
  const { cwd, shell } = fields.defaults ?? {};
  const inherited = { ...(cwd !== undefined && { cwd }), ...(shell !== undefined && { shell }) };
  const reader = new StepReader(catalogue, inherited, list);
  reader.collectIds(raw.steps);
  reader.collectIds(raw.cleanup);
  const draft: Draft = {
    fields,
    inputNames: isMap(raw.inputs) ? Object.keys(raw.inputs) : [],
    steps: reader.read(raw.steps, ['steps'], { section: 'steps', chained: true }),
    cleanup: reader.read(raw.cleanup, ['cleanup'], { section: 'cleanup', chained: true }),
  };
  checkSupported(draft, list);
  return draft;
}

const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
