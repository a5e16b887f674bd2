/**
 * Artifacts in the core: what the journal says of each, and what they are called. Their bytes lie in a store behind the
 * port `ArtifactStore`; the core knows them by their sha256 alone.
 */
import type { Json, JsonObject, StepKey, Workflow } from './model.ts';

/** Stored for ever with the event that tells of it: add, never rename. */
export interface ArtifactNote {
  /** Unique in the run. */
  readonly name: string;
  /** As the output says it. */
  readonly path: string;
  /** Of the stored bytes; hex. */
  readonly sha256: string;
  /** Of the stored bytes. */
  readonly size: number;
  readonly media_type: string;
  readonly tags?: readonly string[];
  /** Retention leaves it alone. */
  readonly pin?: true;
  /** Of a folder, which is stored as tar: the files in it. */
  readonly files?: number;
}

/** What an input of type `file` begins with where it means an artifact of another run. */
export const ARTIFACT_PREFIX = 'artifact:';

/** Inputs of a run that is about to begin. */
export interface WithGiven {
  /** The path of each artifact in place of its reference. */
  readonly inputs: JsonObject;
  readonly given: readonly GivenArtifact[];
}

/** An artifact that a run was given as an input, as it was when the run asked for it. */
export interface GivenArtifact {
  readonly input: string;
  /** As it was written: `artifact:build/bundle@latest`. */
  readonly reference: string;
  /** The run that made it, and its name there. */
  readonly run: string;
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly media_type: string;
}

/** Whether an input is a reference that has to be resolved before the run begins. */
export const givesArtifacts = ({ inputs: specs }: Workflow, inputs: JsonObject): boolean =>
  Object.entries(specs).some(([name, { type }]) => type === 'file' && isReference(inputs[name]));

export const isReference = (value: Json | undefined): value is string =>
  typeof value === 'string' && value.startsWith(ARTIFACT_PREFIX);

export interface ArtifactState {
  readonly note: ArtifactNote;
  /** Absent for an output of the run as a whole. */
  readonly step?: StepKey;
  readonly at: number;
}

/** One row per artifact that a run has made or was given; kept by the store beside the events, rebuilt from them. */
export interface ArtifactRow {
  readonly kind: 'made' | 'given';
  /** Of one that was given, its input. */
  readonly name: string;
  readonly step?: StepKey;
  readonly sha256: string;
  readonly size: number;
  readonly mediaType: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly pinned: boolean;
  readonly at: number;
}

/**
 * What an artifact is called in its run: by its output alone where no other has that name, else by its step, too. An
 * output of the run as a whole goes first; in a loop the step says which iteration.
 */
export function artifactName(workflow: Workflow, key: StepKey, output: string): string {
  const namesakes = [...workflow.steps, ...workflow.cleanup].reduce(
    (sum, step) => sum + countOf(step, output),
    workflow.outputs[output]?.artifact ? 1 : 0,
  );
  return namesakes === 1 && !key.includes('[') ? output : `${key}.${output}`;
}

function countOf(step: Workflow['steps'][number], output: string): number {
  const own = step.artifacts && Object.hasOwn(step.artifacts, output) ? 1 : 0;
  return (step.body ?? []).reduce((sum, child) => sum + countOf(child, output), own);
}
