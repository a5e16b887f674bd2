/**
 * What `run` and `validate` are pointed at: a definition file or a known name.
 * A path has a slash or a definition's ending and is there; everything else is a name.
 */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFINITION_BYTES_MAX } from '../engine/core/limits.ts';
import { usage } from './refusal.ts';

export type WorkflowTarget =
  | { readonly workflow: string }
  | { readonly definition: string; readonly file: string };

export function workflowTarget(word: string, cwd: string): WorkflowTarget {
  const looksLikePath = word.includes('/') || /\.(ya?ml|json)$/i.test(word);
  const file = resolve(cwd, word);
  const stats = looksLikePath ? statSync(file, { throwIfNoEntry: false }) : undefined;
  if (stats === undefined) {
    if (!looksLikePath) return { workflow: word };
    throw usage(`no file at \`${word}\``, 'give the path of a definition, or a name that `belay list` shows');
  }
  if (!stats.isFile()) throw usage(`\`${word}\` is not a file`, 'give the path of one definition');
  if (stats.size > DEFINITION_BYTES_MAX) {
    throw usage(`\`${word}\` has ${stats.size} bytes, a definition has at most ${DEFINITION_BYTES_MAX}`);
  }
  return { definition: readFileSync(file, 'utf8'), file: word };
}

/** The arguments of a tool that takes either. */
export const targetArguments = (target: WorkflowTarget): { workflow: string } | { definition: string } =>
  'workflow' in target ? { workflow: target.workflow } : { definition: target.definition };

/** How messages name it. */
export const targetName = (target: WorkflowTarget): string =>
  'workflow' in target ? target.workflow : target.file;
