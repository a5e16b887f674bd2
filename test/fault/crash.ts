/** Homes with runs on them, hosts in processes of their own, and what must hold when all is over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { JournalEvent } from '../../src/engine/core/events.ts';
import type { JsonObject, Workflow } from '../../src/engine/core/model.ts';
import { loadRun } from '../../src/engine/host/load-run.ts';
import { createRun } from '../../src/engine/host/run-requests.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { CASES, type CaseName, workflowOf } from './cases.ts';

const PROGRAM = join(import.meta.dirname, 'host.process.ts');

const folders: string[] = [];
const hosts = new Set<ChildProcess>();
/** One that lives leaves its compiled code to those that are killed. */
beforeAll(async () => {
  await wasKilled(launch(crashHome([])));
});
afterAll(async () => {
  await Promise.all([...hosts].map((host) => host.kill('SIGKILL') && once(host, 'exit')));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

export interface CrashRun {
  readonly name: CaseName;
  readonly runId: string;
  /** Where its steps work and write `starts`. */
  readonly cwd: string;
}

export interface CrashHome {
  readonly folder: string;
  readonly runs: readonly CrashRun[];
}

/** A home with one run of each case, which no host has seen. */
export function crashHome(names: readonly CaseName[]): CrashHome {
  const folder = scratchFolder();
  const runs = withStore(folder, (store) => names.map((name) => create(store, folder, name)));
  return { folder, runs };
}

/** Is gone when the tests of the file are over. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'belay-crash-'));
  folders.push(folder);
  return folder;
}

function create(store: Store, folder: string, name: CaseName): CrashRun {
  const cwd = join(folder, `work-${name}`);
  mkdirSync(cwd);
  return { name, runId: newRun(store, workflowOf(name), cwd), cwd };
}

/** The id of a run that no host has seen. */
export function newRun(store: Store, workflow: Workflow, cwd: string, inputs: JsonObject = {}): string {
  const created = createRun(
    { journal: store, now: Date.now, by: 'test' },
    {
      type: 'run.created',
      workflow: workflow.name,
      version: workflow.version,
      digest: '',
      definition: workflow as unknown as JsonObject,
      inputs,
      cwd,
      env: { PATH: process.env.PATH ?? '' },
      source: 'test',
      created_by: 'test',
    },
  );
  if (!created.ok) throw new Error(created.error.message);
  return created.value.runId;
}

export function withStore<T>(folder: string, act: (store: Store) => T): T {
  const opened = openStore(folder);
  if (!opened.ok) throw new Error(opened.error.message);
  try {
    return act(opened.value);
  } finally {
    opened.value.close();
  }
}

export interface Kill {
  /** Which write of the journal, from 1. */
  readonly at: number;
  readonly when: 'before' | 'after';
  /** SIGKILL unless said. */
  readonly signal?: 'SIGSTOP';
}

/** Starts a host on the home; it ends by itself when every run is final. */
export function launch(home: Pick<CrashHome, 'folder'>, kill?: Kill): ChildProcess {
  const child = spawn(
    process.execPath,
    [PROGRAM, home.folder, ...(kill ? [String(kill.at), kill.when, kill.signal ?? 'SIGKILL'] : [])],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    },
  );
  hosts.add(child);
  child.once('exit', () => hosts.delete(child));
  return child;
}

/** True when the host was killed, false when it came to the end of all runs. */
export async function wasKilled(child: ChildProcess): Promise<boolean> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (signal === 'SIGKILL') return true;
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  return false;
}

/** The events of the home's only run. */
export function eventsOf(home: CrashHome): readonly JournalEvent[] {
  return withStore(home.folder, (store) => {
    const read = store.read(home.runs[0]?.runId ?? '');
    if (!read.ok) throw new Error(read.error.message);
    return read.value;
  });
}

/** The laws: ended as without kills, nothing started twice, nothing lost, the journal whole. */
export function checkHome(home: CrashHome): void {
  withStore(home.folder, (store) => {
    expect(store.integrity()).toMatchObject({ database: [], damaged: [] });
    for (const run of home.runs) checkRun(store, run);
  });
}

function checkRun(store: Store, { name, runId, cwd }: CrashRun): void {
  const loaded = loadRun(store, runId);
  if (!loaded.ok) throw new Error(loaded.error.message);
  const { status, reason, outputs } = loaded.value;
  const failures = [...loaded.value.byKey].map(([key, { seq, failure }]) => ({ key, seq, failure }));
  const told = JSON.stringify({ name, runId, reason, failures });
  expect({ status, outputs }, told).toEqual({
    status: CASES[name].status,
    outputs: CASES[name].outputs,
  });
  expect(stepsOf(loaded.value.byKey), told).toEqual(CASES[name].steps);
  const read = store.read(runId);
  if (!read.ok) throw new Error(read.error.message);
  const file = join(cwd, 'starts');
  const starts = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const inner = [...loaded.value.byKey.values()].flatMap(({ innerRuns = [] }) => innerRuns);
  const ran = [read.value, ...inner.map((id) => innerEvents(store, id))].flatMap((events) =>
    attemptsRun(events, new Set(starts)),
  );
  expect(starts.sort(), told).toEqual(ran.sort());
}

/** One for each step that another run works for, and that one is over. */
function innerEvents(store: Store, runId: string): readonly JournalEvent[] {
  const read = store.read(runId);
  if (!read.ok) throw new Error(read.error.message);
  expect(read.value.at(-1)?.event).toMatchObject({ type: 'run.finished', status: 'succeeded' });
  return read.value;
}

const stepsOf = (steps: ReadonlyMap<string, { readonly status: string; readonly attempt: number }>): object =>
  Object.fromEntries([...steps].map(([key, { status, attempt }]) => [key, `${status} ${attempt}`]));

/**
 * Names of the attempts that a process was started for, as it sees them itself. One that was stopped may have been
 * stopped before it could write its line.
 */
function attemptsRun(events: readonly JournalEvent[], seen: ReadonlySet<string>): string[] {
  const last = new Map<string, number>();
  const ran = new Set<number>();
  const nameOf = (seq: number) => `${events[0]?.run_id}/${seq}`;
  for (const { seq, event } of events) {
    const before = 'step' in event ? (last.get(event.step) ?? 0) : 0;
    if (event.type === 'step.started' && event.process) {
      last.set(event.step, seq);
      ran.add(seq);
    }
    if (event.type === 'step.interrupted' && event.cause === 'never_started') ran.delete(before);
    if (event.type === 'step.failed' && event.failure.code === 'timeout' && !seen.has(nameOf(before)))
      ran.delete(before);
  }
  return [...ran].map(nameOf);
}

/** Does all jobs, `width` at a time. */
export async function inParallel<T>(width: number, jobs: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const left = [...jobs];
  const work = async () => {
    for (let job = left.shift(); job; job = left.shift()) results.push(await job());
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}
