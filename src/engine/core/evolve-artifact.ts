/**
 * What a run has made and was given, as its events tell.
 * 1. A name means one artifact of a run: what is stored under it later takes its place.
 */
import type { ArtifactNote, GivenArtifact } from './artifact.ts';
import type { Entry } from './events.ts';
import type { StepKey } from './model.ts';
import type { RunState } from './state.ts';

/** @param step absent for outputs of the run as a whole */
export function takeArtifacts(
  run: RunState,
  { at }: Pick<Entry, 'at'>,
  notes: readonly ArtifactNote[] | undefined,
  step?: StepKey,
): void {
  for (const note of notes ?? []) {
    run.artifacts.set(note.name, { note, at, ...(step !== undefined && { step }) });
    run.touchedArtifacts.push({
      kind: 'made',
      name: note.name,
      ...(step !== undefined && { step }),
      sha256: note.sha256,
      size: note.size,
      mediaType: note.media_type,
      path: note.path,
      tags: note.tags ?? [],
      pinned: note.pin === true,
      at,
    });
  }
}

/** Inputs that are artifacts of other runs. */
export function takeGiven(
  run: RunState,
  { at }: Pick<Entry, 'at'>,
  given: readonly GivenArtifact[] | undefined,
): void {
  for (const each of given ?? []) {
    run.given.set(each.input, each);
    const { input: name, sha256, size, media_type: mediaType, path } = each;
    run.touchedArtifacts.push({
      kind: 'given',
      name,
      sha256,
      size,
      mediaType,
      path,
      tags: [],
      pinned: false,
      at,
    });
  }
}
