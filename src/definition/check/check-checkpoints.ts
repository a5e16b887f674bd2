/**
 * What checkpoints cover and what they are called: scopes that no snapshot may have, commands without a counterpart,
 * names that are taken. What a path is on this machine is seen when the checkpoint is taken.
 */
import { posix } from 'node:path';
import type { SnapshotScope } from '../../engine/core/model.ts';
import type { DiagnosticList, Path } from '../diagnostic.ts';
import { allSteps, type CheckpointDraft, type Draft, isTakenBack, type StepDraft } from '../draft.ts';

export function checkCheckpoints(draft: Draft, list: DiagnosticList): void {
  const { checkpoints } = draft.fields;
  if (checkpoints) {
    checkScope(checkpoints, ['checkpoints'], list);
    if (checkpoints.paths?.length === 0) refuseEmpty(['checkpoints', 'paths'], list);
  }
  const named = new Map<string, StepDraft>();
  for (const step of allSteps(draft.steps)) {
    const { checkpoint } = step;
    if (checkpoint) {
      checkScope(checkpoint.spec, checkpoint.path, list);
      checkCommands(checkpoint, list);
    }
    if (checkpoint || (step.fields.destructive && isTakenBack(step))) checkName(step, named, list);
  }
}

function checkScope({ paths = [], exclude = [] }: SnapshotScope, at: Path, list: DiagnosticList): void {
  for (const [key, texts] of Object.entries({ paths, exclude })) {
    for (const [index, text] of texts.entries()) {
      if (!text.includes('{{')) continue;
      const message = `\`${key}\` is taken literally, found \`${text}\``;
      const hint = 'a checkpoint covers the same paths in every run: write them out';
      list.add({ code: 'wrong_value', message, hint, path: [...at, key, index] });
    }
  }
  for (const [index, path] of paths.entries()) {
    const problem = pathProblem(path);
    if (problem) list.add({ code: 'checkpoint_refused', ...problem, path: [...at, 'paths', index] });
  }
  const all = exclude.findLastIndex((pattern) => MATCHES_ALL.test(pattern.trim()));
  if (all < 0 || exclude.slice(all + 1).some((pattern) => pattern.startsWith('!'))) return;
  const message = `\`exclude\` leaves nothing: \`${exclude[all]!}\` matches everything`;
  const hint = 'name what is to be left out; `checkpoint: false` takes none at all';
  list.add({ code: 'checkpoint_refused', message, hint, path: [...at, 'exclude', all] });
}

/** Of `.gitignore`, besides `/`: any name, at the top or at any depth. */
const MATCHES_ALL = /^(?:\/|\/?(?:\*\*\/)*\*\*?)$/;
const SHELL_HOME = /^(?:~|\$HOME\b|\$\{HOME\})/;

function pathProblem(path: string): { readonly message: string; readonly hint: string } | undefined {
  const hint = 'name a project folder, from the directory of the run';
  if (posix.normalize(path) === '/') {
    return { message: `a checkpoint of \`${path}\` would cover the whole machine`, hint };
  }
  if (!SHELL_HOME.test(path)) return undefined;
  return { message: `\`${path}\` is no shell text: \`~\` and \`$HOME\` mean nothing in a path`, hint };
}

function refuseEmpty(path: Path, list: DiagnosticList): void {
  const message = '`paths` is empty: the checkpoint would hold nothing';
  list.add({ code: 'wrong_value', message, hint: 'name a path, or `capture` what it is to hold', path });
}

function checkCommands({ spec, path, capture, restore }: CheckpointDraft, list: DiagnosticList): void {
  if (spec.paths?.length === 0 && capture.length === 0) refuseEmpty([...path, 'paths'], list);
  if (restore.length === 0 || restore.length === capture.length) return;
  const counts = [capture, restore].map(({ length }) => `${length} ${length === 1 ? 'command' : 'commands'}`);
  const message = `\`capture\` has ${counts[0]}, and \`restore\` has ${counts[1]}`;
  const hint = 'each of `restore` gets the output of the same one of `capture`';
  list.add({ code: 'conflict', message, hint, path: [...path, 'restore'], key: true });
}

/** Names that Belay gives: the checkpoint before the first change, and what is kept before files are restored. */
const RESERVED = /^(?:automatic$|rescue)/;

function checkName(step: StepDraft, named: Map<string, StepDraft>, list: DiagnosticList): void {
  const { checkpoint } = step;
  const written = checkpoint ? checkpoint.spec.name : undefined;
  const name = written ?? step.id;
  const path = checkpoint && written !== undefined ? [...checkpoint.path, 'name'] : step.path;
  const hint =
    written === undefined
      ? 'give the step another id, or write `checkpoint: { name: … }`'
      : 'choose another name';
  if (RESERVED.test(name)) {
    const message = `checkpoint \`${name}\` of step \`${step.id}\` has a name that Belay gives itself`;
    list.add({ code: 'reserved_name', message, hint, path });
  }
  const first = named.get(name);
  if (!first) named.set(name, step);
  // an id that is there twice is an error of its own
  else if (first.id !== step.id) {
    const message = `checkpoint \`${name}\` is there twice: at step \`${first.id}\` and at step \`${step.id}\``;
    list.add({ code: 'duplicate_checkpoint', message, hint, path });
  }
}
