/**
 * Where no earlier result can stand for a step: what asks somebody, waits, or reaches beyond the files of the run, and
 * what is not performed as part of the run. And paths that must not be brought back.
 */
import { posix } from 'node:path';
import { wantsCache } from '../cache-spec.ts';
import type { DiagnosticList, Path } from '../diagnostic.ts';
import { allSteps, type Draft, type StepDraft } from '../draft.ts';

const KEYS = ['cache_key', 'use_cache', 'cache', 'cache_version'] as const;

/** Step types whose whole point is that they happen now. */
const NEVER: { readonly [type: string]: string } = {
  approval: 'what was approved once is asked again each time',
  input: 'what was answered once is asked again each time',
  wait: 'it waits each time',
  checkpoint: 'a checkpoint is of the files as they are now',
  notify: 'a message is sent each time',
  workflow: 'the steps inside that workflow may have results of their own',
};

/** Step types that give an answer of their own making: asking for it to be kept says enough. */
const ANSWERS: ReadonlySet<string> = new Set(['agent', 'claude_code']);

export function checkCache(draft: Draft, list: DiagnosticList): void {
  for (const step of [...allSteps(draft.steps), ...allSteps(draft.cleanup)]) {
    const asked = KEYS.find((key) => step.fields[key] !== undefined && step.fields[key] !== false);
    if (asked === undefined) continue;
    const found = misplaced(step) ?? (wantsCache(step) ? refused(step) : undefined);
    if (found) list.add({ code: 'conflict', ...found, path: [...step.path, asked], key: true });
    else checkKeys(step, list);
  }
}

interface Found {
  readonly message: string;
  readonly hint: string;
}

/** Keys about caching have no meaning there at all. */
function misplaced({ id, type, section, aside, fields }: StepDraft): Found | undefined {
  if (type === 'block')
    return {
      message: `the result of block \`${id}\` cannot be kept`,
      hint: 'put it on the steps inside',
    };
  if (section === 'cleanup' || aside)
    return {
      message: `the result of step \`${id}\` cannot be kept: ${aside ? 'what stands aside at a step' : 'the cleanup'} always runs`,
      hint: 'remove it',
    };
  if (fields.repeat)
    return {
      message: `the result of step \`${id}\` cannot be kept: it is repeated until something changes`,
      hint: 'keep one of them',
    };
  const why = Object.hasOwn(NEVER, type) ? NEVER[type]! : undefined;
  return why === undefined
    ? undefined
    : { message: `the result of \`${type}\` step \`${id}\` cannot be kept: ${why}`, hint: 'remove it' };
}

/** Not performed, the step would change nothing: whoever says that it changes no more than files vouches for it. */
function refused({ id, type, fields, stepType, config }: StepDraft): Found | undefined {
  if (fields.effects === 'none' || fields.effects === 'workspace' || ANSWERS.has(type)) return undefined;
  const effects = fields.effects ?? stepType?.effectsOf?.(config) ?? stepType?.effects;
  const why =
    effects === 'remote'
      ? 'it changes something elsewhere'
      : fields.undo !== undefined
        ? 'it has an `undo`'
        : fields.destructive
          ? 'it is `destructive`'
          : fields.irreversible !== undefined
            ? 'it is `irreversible`'
            : undefined;
  if (why === undefined) return undefined;
  return {
    message: `the result of step \`${id}\` cannot stand for performing it: ${why}`,
    hint: 'let it run each time; or say `effects: none` or `effects: workspace` if it changes nothing else',
  };
}

function checkKeys(step: StepDraft, list: DiagnosticList): void {
  const { fields, path, stepType, config } = step;
  for (const [index, written] of (fields.cache?.paths ?? []).entries())
    checkPath(written, [...path, 'cache', 'paths', index], list);
  const effects = fields.effects ?? stepType?.effectsOf?.(config) ?? stepType?.effects;
  if (fields.cache?.paths?.length && effects === 'none')
    list.add({
      code: 'conflict',
      message: `step \`${step.id}\` has \`effects: none\`, and files to bring back`,
      hint: 'keep one of them',
      path: [...path, 'cache', 'paths'],
      key: true,
    });
  const ignored = fields.cache_key !== undefined && (fields.cache?.files ?? fields.cache?.env);
  if (ignored)
    list.add({
      code: 'conflict',
      message: `step \`${step.id}\` has a \`cache_key\`, which alone says when results are the same, and \`cache\` says it, too`,
      hint: 'name them in `cache_key`, by `hash_files(…)` and `env.NAME`, or remove it',
      path: [...path, 'cache_key'],
      key: true,
    });
}

function checkPath(written: string, path: Path, list: DiagnosticList): void {
  const problem = pathProblem(written);
  if (problem === undefined) return;
  const hint = 'name files or folders that the step makes, from the directory of the run';
  list.add({ code: 'wrong_value', message: `\`paths\` ${problem}, found \`${written}\``, hint, path });
}

function pathProblem(written: string): string | undefined {
  if (written.includes('{{')) return 'is taken literally';
  if (/^[/~]/.test(written) || written.includes('\0')) return 'must lie in the directory of the run';
  const normal = posix.normalize(written);
  if (normal === '..' || normal.startsWith('../')) return 'must lie in the directory of the run';
  return /^(?:\.|\*{1,2}(?:\/\*{1,2})*)\/?$/.test(normal) ? 'must not be everything' : undefined;
}
