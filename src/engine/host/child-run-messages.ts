/** The words of what keeps a step from having its work done by another run. Owns wording only. */
import type { Diagnostic } from '../../definition/diagnostic.ts';
import type { Failure } from '../core/failure.ts';
import { RUN_DEPTH_MAX } from '../core/limits.ts';

/** An input that would show what is secret. */
export interface SecretInput {
  readonly input: string;
  readonly variable: string;
}

export const tooDeep = (name: string): Failure => ({
  code: 'run_not_started',
  retry: 'final',
  message: `workflow \`${name}\` is the run of a run ${RUN_DEPTH_MAX} times over, expected at most ${RUN_DEPTH_MAX}`,
  hint: 'let workflows start one another less deeply',
});

export const notLinked = (name: string): Failure => ({
  code: 'run_not_started',
  retry: 'final',
  message: `workflow \`${name}\` is not part of this run`,
  hint: 'start the run anew: the workflows that its steps run are taken up when it is created',
});

export const holdsSecret = (name: string, { input, variable }: SecretInput): Failure => ({
  code: 'run_not_started',
  retry: 'final',
  message: `workflow \`${name}\` was not started: input \`${input}\` holds the value of \`${variable}\`, and the inputs of a run are recorded`,
  hint: `declare \`secrets: [${variable}]\` in workflow \`${name}\` and let its steps read \`env.${variable}\`: the run takes the variable from the same environment`,
});

export const inputsInvalid = (name: string, diagnostics: readonly Diagnostic[]): Failure => ({
  code: 'run_not_started',
  retry: 'final',
  message: `workflow \`${name}\` was not started: ${diagnostics.map(({ message }) => message).join('; ')}`,
  hint: 'correct `inputs` of the step',
});

export const notBrought = (name: string, failure: Failure): Failure => ({
  ...failure,
  code: 'run_not_started',
  message: `workflow \`${name}\` was not started: ${failure.message}`,
});

export const broken = (name: string, error: unknown): Failure => ({
  code: 'run_not_started',
  retry: 'final',
  message: `workflow \`${name}\`: ${error instanceof Error ? error.message : String(error)}`,
});

export const stopped = (key: string): Failure => ({
  code: 'cancelled',
  retry: 'final',
  message: `step \`${key}\` was told to end before its run was begun`,
});

export const unreadable = (id: string, message: string): Failure => ({
  code: 'run_unreadable',
  retry: 'final',
  message: `what became of run ${id} cannot be read: ${message}`,
  hint: '`belay doctor` looks at the journal',
});
