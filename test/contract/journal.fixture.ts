/** Small events and changes for whoever tests against a journal. */
import type { Event, EventOf, RunStatus } from '../../src/engine/core/events.ts';
import type { Append, HostIdentity, Journal, ProjectionChange } from '../../src/engine/core/ports.ts';

/** An empty journal, twice. */
export interface JournalUnderTest {
  readonly journal: Journal;
  /** A second connection to the same data, as another process has one. */
  readonly other: Journal;
  /** Names of the hosts whose processes are taken for dead. */
  readonly dead: Set<string>;
  /** Closes both and removes the data. */
  end(): void;
}

export const created = (fields: Partial<EventOf<'run.created'>> = {}): EventOf<'run.created'> => ({
  type: 'run.created',
  workflow: 'build',
  version: '1',
  digest: '',
  definition: {},
  inputs: {},
  cwd: '/',
  env: {},
  source: 'test',
  created_by: 'test',
  ...fields,
});

export const change = (status: RunStatus, fields: Partial<ProjectionChange> = {}): ProjectionChange => ({
  status,
  done: 0,
  total: 0,
  steps: [],
  questions: [],
  ...fields,
});

export const skipped = (step: string): Event => ({ type: 'step.skipped', step, reason: 'test' });

export const answered = (question: string): Event => ({
  type: 'question.answered',
  question,
  answer: true,
  by: 'test',
});

export const batch = (runId: string, expectedSeq: number, fields: Partial<Append> = {}): Append => ({
  runId,
  expectedSeq,
  host: 'a',
  atMs: 1_000,
  events: [skipped(`after-${expectedSeq}`)],
  change: change('running'),
  ...fields,
});

export const identity = (host: string): HostIdentity => ({ host, pid: 1, startTime: '1', bootId: 'boot' });

/** A run with its first event; `atMs` is its age. */
export function start(
  journal: Journal,
  runId: string,
  atMs = 0,
  fields: Partial<EventOf<'run.created'>> = {},
  status: RunStatus = 'queued',
): void {
  const made = journal.create(runId, created(fields), { host: 'test', atMs }, change(status));
  if (!made.ok) throw new Error(`run \`${runId}\` was refused: ${made.error.kind}`);
}
