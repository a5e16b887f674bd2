/** The words of every failure that keeping an artifact may end with. */
import type { Failure } from '../../engine/core/failure.ts';
import { ARTIFACT_BYTES_MAX, ARTIFACT_FILES_MAX } from '../../engine/core/limits.ts';

/** Says on the way out of a stream what became of it. */
export class ArtifactRefused extends Error {
  override readonly name = 'ArtifactRefused';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** @param found what is there instead */
export const missing = (places: readonly string[], found: string): Failure => ({
  code: 'artifact_missing',
  retry: 'again',
  message: `no file at ${places.map((place) => `\`${place}\``).join(' or ')}; ${found}`,
  hint: 'the path is read from the directory of the step, then from that of the run; mend the output or the step',
});

export const outside = (path: string, leadsTo: string, workspace: readonly string[]): Failure => ({
  code: 'artifact_refused',
  retry: 'final',
  message: `\`${path}\` ${path === leadsTo ? 'lies' : `leads to \`${leadsTo}\`,`} outside of ${workspace.map((folder) => `\`${folder}\``).join(' and ')}, where the run works`,
  hint: "let the step copy it into the run's directory",
});

export const ownFolder = (path: string): Failure => ({
  code: 'artifact_refused',
  retry: 'final',
  message: `\`${path}\` lies in Belay's own data folder`,
  hint: "let the step write the file into the run's directory",
});

export const noFile = (path: string, kind: string): Failure => ({
  code: 'artifact_refused',
  retry: 'final',
  message: `\`${path}\` must be a file or a folder, found ${kind}`,
  hint: 'let the step write what it has into a file',
});

export const tooLarge = (path: string): Failure => ({
  code: 'artifact_limit',
  retry: 'final',
  message: `\`${path}\` has more than ${ARTIFACT_BYTES_MAX} bytes, the most that one artifact may have`,
  hint: 'hand it out in parts, or keep it elsewhere and make its address an output',
});

export const tooManyFiles = (path: string): Failure => ({
  code: 'artifact_limit',
  retry: 'final',
  message: `\`${path}\` holds more than ${ARTIFACT_FILES_MAX} files, the most that one artifact may have`,
  hint: 'hand out a folder with less in it, or an archive that the step makes',
});

export const changed = (path: string): Failure => ({
  code: 'artifact_failed',
  retry: 'again',
  message: `\`${path}\` was changed while it was stored`,
  hint: 'something goes on writing after the step has ended: let the step wait for it',
});

/** @param error what the file system, or the store, has thrown */
export const notStored = (path: string, error: unknown): Failure => ({
  code: 'artifact_failed',
  retry: 'again',
  message: `\`${path}\` could not be stored: ${whyNot(error)}`,
  hint: 'free some space in the data folder (`belay gc`), and see that the file can be read',
});

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['ENOSPC', 'EDQUOT'].includes(code) ? 'the disk that holds the data folder is full' : error.message;
}
