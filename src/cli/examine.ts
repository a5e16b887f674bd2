/** What `belay doctor` looks at, as findings. Reads only; the projections are mended by `rebuild-projections.ts`. */
import { accessSync, constants, lstatSync, readdirSync, statfsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { bytesText } from '../engine/core/bytes-text.ts';
import type { RunStatus } from '../engine/core/events.ts';
import type { RunRow } from '../engine/core/ports.ts';
import type { Store } from '../store/open-store.ts';
import { RETENTION, snapshotFolder } from '../tools/retention.ts';

export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  readonly hint?: string;
}

const UNFINISHED: readonly RunStatus[] = ['queued', 'running', 'waiting', 'paused', 'rolling_back'];
const RUNS_SHOWN_MAX = 100;
/** Step logs may take this much each; less free space than that is worth a word. */
const FREE_BYTES_MIN = 256 * 1024 * 1024;

export const nodeFinding = (): Finding => ({ name: 'node', status: 'ok', detail: process.versions.node });

export function diskFinding(home: string): Finding {
  try {
    const { bavail, bsize } = statfsSync(home);
    const free = bavail * bsize;
    const detail = `${bytesText(free)} free`;
    if (free >= FREE_BYTES_MIN) return { name: 'disk', status: 'ok', detail };
    return { name: 'disk', status: 'warning', detail, hint: 'free some space: steps may run out of it' };
  } catch (error) {
    return {
      name: 'disk',
      status: 'problem',
      detail: `\`${home}\` cannot be looked at: ${(error as Error).message}`,
    };
  }
}

export function shellFinding(env: NodeJS.ProcessEnv): Finding {
  const found = ['bash', 'sh'].flatMap((shell) => which(shell, env.PATH ?? '') ?? []);
  if (found.length > 0) return { name: 'shells', status: 'ok', detail: found.join(', ') };
  const hint = 'shell steps need one on the PATH';
  return { name: 'shells', status: 'problem', detail: 'neither bash nor sh found', hint };
}

/** How much the snapshots take; packed, so that there are few files to look at. */
export function snapshotFinding(home: string): Finding {
  const name = 'snapshots';
  try {
    const bytes = folderBytes(snapshotFolder(home));
    const detail = `${bytesText(bytes)} of at most ${bytesText(RETENTION.bytes)}`;
    if (bytes <= RETENTION.bytes) return { name, status: 'ok', detail };
    return { name, status: 'warning', detail, hint: 'belay gc removes what no run needs any more' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { name, status: 'ok', detail: 'none' };
    return { name, status: 'problem', detail: `cannot be looked at: ${(error as Error).message}` };
  }
}

function folderBytes(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.reduce((sum, name) => sum + fileBytes(join(folder, name)), 0);
}

/** 0 for what somebody else has removed meanwhile. */
function fileBytes(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() ? stats.size : 0;
}

/** Without it snapshots keep everything else, and say that they do not keep these. */
export function attributesFinding(env: NodeJS.ProcessEnv): Finding {
  const name = 'extended attributes';
  const path = env.PATH ?? '';
  const missing = ['getfattr', 'setfattr'].filter((program) => which(program, path) === undefined);
  if (missing.length === 0) return { name, status: 'ok', detail: 'kept in snapshots' };
  return {
    name,
    status: 'warning',
    detail: `not kept in snapshots: ${missing.join(' and ')} not found`,
    hint: 'install the package `attr` where files have extended attributes that matter',
  };
}

function which(program: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** One finding for the database, and one for each damaged run. */
export function integrityFindings(store: Store): readonly Finding[] {
  const { database, damaged, runsChecked, more } = store.integrity();
  const checked = `${runsChecked}${more ? ' oldest' : ''} unfinished runs verified`;
  return [
    database.length === 0
      ? { name: 'database', status: 'ok', detail: `whole, ${checked}` }
      : { name: 'database', status: 'problem', detail: database.join('; '), hint: COPY_FIRST },
    ...damaged.map(
      ({ runId, goodSeq, message }): Finding => ({
        name: `run ${runId}`,
        status: 'problem',
        detail: `${message}; events up to ${goodSeq} are good`,
        hint: 'this run cannot go on; other runs are not affected',
      }),
    ),
  ];
}

const COPY_FIRST =
  'copy the data folder before anything else; belay doctor --rebuild makes the listings anew';

/** Unfinished runs, and who drives them. */
export function runFindings(store: Store): readonly Finding[] {
  const runs = UNFINISHED.flatMap((status) => store.runs({ status, limit: RUNS_SHOWN_MAX }).runs);
  const counts = UNFINISHED.map(
    (status) => [status, runs.filter((run) => run.status === status).length] as const,
  );
  const told = counts.filter(([, count]) => count > 0).map(([status, count]) => `${count} ${status}`);
  return [
    { name: 'unfinished runs', status: 'ok', detail: told.join(', ') || 'none' },
    { name: 'hosts', status: 'ok', detail: hostsText(runs) },
    ...runs.filter(isForsaken).map(
      (run): Finding => ({
        name: `run ${run.runId}`,
        status: 'warning',
        detail: `${run.status}, and nobody drives it`,
        hint: 'belay host drives it to its end',
      }),
    ),
  ];
}

/** A host's id holds its pid: `h-<pid>-<chance>`. */
const pidOf = (owner: string): number => Number(owner.split('-')[1]);

function hostsText(runs: readonly RunRow[]): string {
  const owners = new Map<string, number>();
  for (const { owner } of runs) if (owner !== undefined) owners.set(owner, (owners.get(owner) ?? 0) + 1);
  const told = [...owners].map(
    ([owner, count]) => `${owner} (${isAlive(owner) ? 'alive' : 'gone'}) drives ${count}`,
  );
  return told.join(', ') || 'none drives a run';
}

function isForsaken({ status, owner }: RunRow): boolean {
  return (status === 'queued' || status === 'running') && (owner === undefined || !isAlive(owner));
}

function isAlive(owner: string): boolean {
  try {
    process.kill(pidOf(owner), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
