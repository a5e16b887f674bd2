/** Storage that refuses, as a tool error: thrown by a read, met by this process's host, or told by a write. */
import { StorageError } from '../store/problem.ts';
import { failed } from './answers.ts';
import type { Belay } from './belay.ts';
import type { ToolError, ToolResult } from './tool.ts';

/** Undefined for anything that the store did not throw. */
export const thrownProblem = (error: unknown): ToolError | undefined =>
  error instanceof StorageError ? { ...error.problem } : undefined;

/** A host that has met a storage problem drives nothing: what is asked of a run now would come to nothing. */
export function hostProblem(belay: Belay, what: string): ToolResult | undefined {
  const problem = belay.host?.problem;
  return problem && storageFailed(what, problem.message);
}

/** @param what did not happen, such as `the run was not started` */
export const storageFailed = (what: string, message: string): ToolResult =>
  failed({
    code: 'storage',
    message: `${what}: ${message}`,
    hint: 'free space on the disk of the data directory (`belay doctor` shows it), then call again',
  });
