/**
 * Artifacts for runs that a host begins by itself, because a step of another run asks for them: the same rules as for
 * those that a caller starts, with failures in place of answers.
 */
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import type { ArtifactGiver } from '../engine/core/ports.ts';
import type { ArtifactProblem } from './artifacts.ts';
import { type GivenSource, placeAll, resolveGiven } from './given-artifacts.ts';

export const artifactGiver = (source: GivenSource): ArtifactGiver => ({
  async give(workflow, inputs) {
    const resolved = resolveGiven(source, workflow, inputs);
    if (!resolved.ok) return refused(resolved.error);
    const unplaced = await placeAll(source, resolved.value.given);
    return unplaced ? refused(unplaced) : ok(resolved.value);
  },
});

const refused = ({ code, message, hint }: ArtifactProblem): Result<never, Failure> =>
  err({ code, retry: code === 'storage' ? 'again' : 'final', message, hint });
