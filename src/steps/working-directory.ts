/**
 * The directory a step works in: its `cwd` taken from the directory of the run, checked to be there.
 * Owns the check only; a directory that vanishes after it is the process's own failure.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import type { StepContext } from '../engine/core/step-type.ts';
import { cwdMissing } from './messages.ts';

/** Absolute; failure `cwd_missing` when it is no directory. */
export function workingDirectory(context: StepContext, cwd: string | undefined): Result<string, Failure> {
  const rendered = context.renderText(cwd ?? '.');
  if (!rendered.ok) return rendered;
  const path = resolve(context.cwd, rendered.value);
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() ? ok(path) : err(cwdMissing(path, stats ? 'a file' : 'nothing'));
}
