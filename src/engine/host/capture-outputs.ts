/** Runs the capture commands of a checkpoint, one after the other, and keeps what each writes to its stdout in a file. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Failure, ok, type Result } from '../core/failure.ts';
import { runScript, type ScriptRun } from './run-script.ts';

type Terms = Pick<ScriptRun, 'timeMs' | 'signal'>;

/** One file in `folder` for each script, in their order; the folder is whoever asks to remove. */
export async function captureOutputs(
  scripts: readonly ScriptRun[],
  folder: string,
  terms: Terms = {},
): Promise<Result<readonly string[], Failure>> {
  if (scripts.length === 0) return ok([]);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files: string[] = [];
  for (const [index, script] of scripts.entries()) {
    const stdout = join(folder, String(index));
    const ran = await runScript({ ...script, stdout, ...terms });
    if (!ran.ok) return ran;
    files.push(stdout);
  }
  return ok(files);
}
