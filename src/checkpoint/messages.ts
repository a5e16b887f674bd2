/** The words of every failure of the snapshot store, in one place. */
import { bytesText } from '../engine/core/bytes-text.ts';
import type { Failure } from '../engine/core/failure.ts';
import { pathText } from './path-text.ts';
import type { Scope } from './snapshot.ts';

/** A step could not be protected: its checkpoint covers something that no snapshot may hold. */
export const refused = (message: string, hint: string): Failure => ({
  code: 'checkpoint_refused',
  retry: 'final',
  message,
  hint,
});

export const nothingLeft = ({ roots, exclude }: Scope): Failure =>
  refused(
    `\`exclude\` leaves nothing of ${named(roots)}: found ${named(exclude)}`,
    'a checkpoint has to hold something: narrow `checkpoints.exclude`, or leave the checkpoint out',
  );

const named = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');

/** Why a file is listed and not kept. */
export const overBytes = (bytes: number): string => `over the budget of ${bytesText(bytes)}`;

export const overBudget = (ms: number, files: number): Failure => ({
  code: 'checkpoint_over_budget',
  retry: 'again',
  message: `the snapshot took longer than ${ms / 1000} s: it got through ${files} files`,
  hint: 'another attempt goes on from there; or exclude folders, or raise the budget of seconds',
});

export const tooMuchNew = (bytes: number, bytesMax: number): Failure => ({
  code: 'checkpoint_over_budget',
  retry: 'final',
  message: `${bytesText(bytes)} of files would have to be read, at most ${bytesText(bytesMax)} are without being asked for`,
  hint: 'say `checkpoints: {}` in the workflow to have it taken all the same, or `checkpoints: false` to do without',
});

const diskFull = (folder: string): Failure => ({
  code: 'disk_full',
  retry: 'again',
  message: `no space left for checkpoints in \`${pathText(folder)}\``,
  hint: 'free some space, or let `belay gc` remove old snapshots',
});

const unreadable = (folder: string, error: unknown): Failure => ({
  code: 'checkpoint_unreadable',
  retry: 'again',
  message: `the checkpoints in \`${pathText(folder)}\` cannot be used: ${(error as Error).message}`,
  hint: '`belay doctor` examines the data folder',
});

export const storeBusy = (folder: string, waitedMs: number): Failure => ({
  code: 'checkpoint_unreadable',
  retry: 'again',
  message: `the checkpoints in \`${pathText(folder)}\` are in use by another process, waited ${waitedMs / 1000} s`,
  hint: 'try again when it is done',
});

export const snapshotGone = (id: string): Failure => ({
  code: 'snapshot_gone',
  retry: 'final',
  message: `snapshot \`${id}\` is not in the store`,
  hint: '`belay checkpoints RUN` lists those that are there',
});

export const captureGone = (id: string, index: number, count: number): Failure => ({
  code: 'snapshot_gone',
  retry: 'final',
  message: `snapshot \`${id}\` has ${count} captures, asked for number ${index}`,
});

export const snapshotDamaged = (id: string): Failure => ({
  code: 'object_damaged',
  retry: 'final',
  message: `snapshot \`${id}\` is damaged: its bytes are not the ones that were written`,
  hint: 'choose an older checkpoint of the run',
});

export const objectDamaged = (hash: string, found: string): Failure => ({
  code: 'object_damaged',
  retry: 'final',
  message: `object \`${hash.slice(0, 12)}\` of the snapshot store ${found}`,
  hint: 'the file cannot come back from this snapshot',
});

/** What an error of the file system under the store is called. */
export const storeFailure = (folder: string, error: unknown): Failure =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
    ? diskFull(folder)
    : unreadable(folder, error);

export const listGone = (id: string): Failure => ({
  code: 'checkpoint_unreadable',
  retry: 'final',
  message: `change list \`${id}\` is not in the store`,
  hint: '`belay gc` removed it with its run, or the data folder is another one',
});

export const listDamaged = (id: string): Failure => ({
  code: 'checkpoint_unreadable',
  retry: 'final',
  message: `change list \`${id}\` is damaged: its bytes are not the ones that were written`,
  hint: '`belay doctor` examines the data folder',
});

export const notFollowed = (runId: string): Failure => ({
  code: 'checkpoint_unreadable',
  retry: 'final',
  message: `the files of run \`${runId}\` are not followed`,
  hint: 'whoever drives the run follows them from its snapshots first',
});
