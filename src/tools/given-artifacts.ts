/**
 * Artifacts of other runs as inputs of type `file`: `artifact:workflow/name@latest` or `artifact:run-id/name`. What is
 * meant is fixed when the run is created, by its sha256; the run reads a copy below the data folder.
 */
import { ARTIFACT_PREFIX, type GivenArtifact, isReference, type WithGiven } from '../engine/core/artifact.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { JsonObject, Workflow } from '../engine/core/model.ts';
import type { ArtifactStore } from '../engine/core/ports.ts';
import type { RunState } from '../engine/core/state.ts';
import type { ArtifactRecord } from '../store/artifact-index.ts';
import { artifactFolder } from '../store/artifacts/artifact-folder.ts';
import { givenPath, placeGiven } from '../store/artifacts/given-files.ts';
import type { Store } from '../store/open-store.ts';
import { type ArtifactProblem, artifactFileName, findArtifact, removed } from './artifacts.ts';
import { nearestText } from './nearest-text.ts';

const LATEST = '@latest';
const NAMES_MAX = 200;

/** The parts of a Belay that are needed for it. */
export interface GivenSource {
  /** The data folder. */
  readonly home: string;
  readonly journal: Store;
  readonly artifacts: ArtifactStore;
}

/** Says what each reference means; touches no file. */
export function resolveGiven(
  belay: GivenSource,
  workflow: Workflow,
  inputs: JsonObject,
): Result<WithGiven, ArtifactProblem> {
  const problems: ArtifactProblem[] = [];
  const given: GivenArtifact[] = [];
  const paths: { [input: string]: string } = {};
  for (const [input, spec] of Object.entries(workflow.inputs)) {
    const value = inputs[input];
    if (spec.type !== 'file' || !isReference(value)) continue;
    const found = meant(belay, value.slice(ARTIFACT_PREFIX.length));
    if (!found.ok) {
      problems.push({ ...found.error, message: `input \`${input}\`: ${found.error.message}` });
      continue;
    }
    const each = givenOf(input, value, found.value);
    given.push(each);
    paths[input] = copyPath(belay, each);
  }
  const [first] = problems;
  if (!first) return ok({ inputs: { ...inputs, ...paths }, given });
  return err({ ...first, message: problems.map(({ message }) => message).join('\n') });
}

const givenOf = (input: string, reference: string, record: ArtifactRecord): GivenArtifact => ({
  input,
  reference,
  run: record.runId,
  name: record.name,
  path: record.path,
  sha256: record.sha256,
  size: record.size,
  media_type: record.mediaType,
});

/** Artifacts that the run was given and that these inputs still name by the path of their copy. */
export const stillGiven = (
  belay: Pick<GivenSource, 'home'>,
  { given }: Pick<RunState, 'given'>,
  inputs: JsonObject,
): readonly GivenArtifact[] =>
  [...given.values()].filter((each) => inputs[each.input] === copyPath(belay, each));

/** What the run reads in its place. */
const copyPath = (
  { home }: Pick<GivenSource, 'home'>,
  { sha256, path, name, media_type: mediaType }: GivenArtifact,
): string => givenPath(artifactFolder(home), sha256, artifactFileName({ path, name, mediaType }));

function meant(belay: GivenSource, written: string): Result<ArtifactRecord, ArtifactProblem> {
  const { journal } = belay;
  const slash = written.indexOf('/');
  const [source, name] = [written.slice(0, slash), written.slice(slash + 1)];
  const isLatest = name.endsWith(LATEST);
  if (slash < 1 || name === '' || (!isLatest && !journal.run(source))) return err(unclear(written));
  if (!isLatest) return findArtifact(belay, source, name);
  const wanted = name.slice(0, -LATEST.length);
  const found = journal.artifacts.latest(source, wanted);
  return found ? ok(found) : err(noneYet(belay, source, wanted));
}

const unclear = (written: string): ArtifactProblem => ({
  code: 'invalid_input',
  message: `\`${ARTIFACT_PREFIX}${written}\` names no artifact: expected \`artifact:workflow/name@latest\` or \`artifact:run-id/name\``,
  hint: '`belay artifacts` lists what there is; a file of that name is written `./artifact:…`',
});

function noneYet({ journal }: GivenSource, workflow: string, name: string): ArtifactProblem {
  const names = [...new Set(journal.artifacts.list({ workflow, limit: NAMES_MAX }).map((each) => each.name))];
  return {
    code: 'unknown_artifact',
    message: `no run of workflow \`${workflow}\` that succeeded has an artifact \`${name}\`; ${nearestText(name, names)}`,
    hint: `run \`${workflow}\` first, or see \`belay artifacts ${workflow}\``,
  };
}

/** Puts the copies where the run will look for them. */
export async function placeAll(
  belay: GivenSource,
  given: readonly GivenArtifact[],
): Promise<ArtifactProblem | undefined> {
  for (const { input, run, name, sha256, path, media_type: mediaType } of given) {
    const about = `input \`${input}\``;
    const file = artifactFileName({ path, name, mediaType });
    try {
      const isThere = await placeGiven(belay.artifacts, artifactFolder(belay.home), sha256, file);
      if (isThere) continue;
      const problem = removed(run, name);
      return { ...problem, message: `${about}: ${problem.message}` };
    } catch (error) {
      return {
        code: 'storage',
        message: `${about}: artifact \`${name}\` of run \`${run}\` could not be brought: ${(error as Error).message}`,
        hint: 'free space on the disk of the data directory (`belay doctor` shows it), then call again',
      };
    }
  }
  return undefined;
}

/** Inputs as they were asked for: two calls that say `@latest` ask for the same. */
export function asAsked(inputs: JsonObject, given: readonly GivenArtifact[] = []): JsonObject {
  return { ...inputs, ...Object.fromEntries(given.map(({ input, reference }) => [input, reference])) };
}
