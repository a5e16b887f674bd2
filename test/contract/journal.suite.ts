/**
 * What every `Journal` must do, whatever it is made of. Each adapter runs this suite over itself.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LEASE_MS } from '../../src/engine/core/limits.ts';
import type { Journal, RunQuery } from '../../src/engine/core/ports.ts';
import { answered, batch, change, created, identity, skipped, start } from './journal.fixture.ts';

export interface JournalUnderTest {
  /** Empty. */
  readonly journal: Journal;
  /** A second connection to the same data, as another process has one. */
  readonly other: Journal;
  /** Names of the hosts whose processes are taken for dead. */
  readonly dead: Set<string>;
  /** Closes both and removes the data. */
  end(): void;
}

export function journalSuite(name: string, make: () => JournalUnderTest): void {
  describe(`journal contract: ${name}`, () => {
    let subject: JournalUnderTest;
    beforeEach(() => {
      subject = make();
    });
    afterEach(() => subject.end());
    const both = (): JournalUnderTest => subject;

    describe('create', () => createTests(both));
    describe('append', () => appendTests(both));
    describe('projections', () => projectionTests(both));
    describe('listing', () => listingTests(both));
    describe('claim', () => claimTests(both));
    describe('fencing', () => fencingTests(both));
    describe('lease', () => leaseTests(both));
    describe('claimable', () => claimableTests(both));
    describe('blobs', () => blobTests(both));
    test('watch tells of others commits, not of its own', () => watchTest(both()));
  });
}

type Subject = () => JournalUnderTest;

/** Claims for host `a`, registered at time 0. */
function own(journal: Journal, runId: string): void {
  journal.renew(identity('a'), 0);
  expect(journal.claim(runId, 'a', 0)).toEqual({ ok: true, value: { epoch: 1 } });
}

function createTests(subject: Subject): void {
  test('writes the first event and the run', () => {
    const { journal, other } = subject();
    const event = created({ intent: 'try "quotes" \u0000 and ✓' });
    expect(journal.create('r1', event, { host: 'cli', atMs: 5 }, change('queued', { total: 3 }))).toEqual({
      ok: true,
      value: {},
    });
    const read = other.read('r1');
    expect(read).toMatchObject({
      ok: true,
      value: [{ run_id: 'r1', seq: 1, at: 5, host: 'cli', epoch: 0, event }],
    });
    expect(other.run('r1')).toEqual({
      runId: 'r1',
      workflow: 'build',
      version: '1',
      status: 'queued',
      createdAt: 5,
      done: 0,
      total: 3,
      seq: 1,
      epoch: 0,
    });
  });

  test('a key that was used names the first run and writes nothing', () => {
    const { journal, other } = subject();
    start(journal, 'r1', 0, { idempotency_key: 'k' });
    const again = other.create(
      'r2',
      created({ idempotency_key: 'k' }),
      { host: 'a', atMs: 1 },
      change('queued'),
    );
    expect(again).toEqual({ ok: true, value: { existing: 'r1' } });
    expect(journal.run('r2')).toBeUndefined();
    expect(journal.read('r2')).toEqual({ ok: true, value: [] });
  });

  test('a run id that was used is a conflict', () => {
    const { journal } = subject();
    start(journal, 'r1');
    const again = journal.create('r1', created(), { host: 'a', atMs: 1 }, change('queued'));
    expect(again).toEqual({ ok: false, error: { kind: 'conflict', seq: 1 } });
  });
}

function appendTests(subject: Subject): void {
  test('returns the events as they are read later', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    const [appended] = journal.append([batch('r1', 1, { events: [skipped('x'), skipped('y')] })]);
    expect(appended).toMatchObject({ ok: true, value: [{ seq: 2 }, { seq: 3 }] });
    expect(other.read('r1', 1)).toEqual(appended);
    expect(other.read('r1', 3)).toEqual({ ok: true, value: [] });
    expect(other.run('r1')).toMatchObject({ seq: 3, status: 'running' });
  });

  test('a wrong expected sequence is a conflict that names the right one', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    other.append([batch('r1', 1)]);
    expect(journal.append([batch('r1', 1)])).toEqual([{ ok: false, error: { kind: 'conflict', seq: 2 } }]);
    expect(journal.append([batch('r1', 7)])).toEqual([{ ok: false, error: { kind: 'conflict', seq: 2 } }]);
  });

  test('a refused batch stops no other, and two batches of one run follow each other', () => {
    const { journal } = subject();
    start(journal, 'r1');
    start(journal, 'r2');
    const answers = journal.append([
      batch('r1', 1),
      batch('nobody', 1),
      batch('r1', 2),
      batch('r2', 9),
      batch('r2', 1),
    ]);
    expect(answers.map((answer) => (answer.ok ? answer.value[0]?.seq : answer.error.kind))).toEqual([
      2,
      'unknown_run',
      3,
      'conflict',
      2,
    ]);
    expect(journal.append([])).toEqual([]);
  });

  test('each event links to the one before it', () => {
    const { journal } = subject();
    start(journal, 'r1');
    start(journal, 'r2');
    journal.append([batch('r1', 1), batch('r2', 1)]);
    const checksums = ['r1', 'r2'].flatMap((run) => {
      const read = journal.read(run);
      return read.ok ? read.value.map((event) => event.checksum) : [];
    });
    expect(checksums).toHaveLength(4);
    expect(new Set(checksums).size).toBe(4);
  });
}

function projectionTests(subject: Subject): void {
  test('steps are kept in the order in which they came, with their latest state', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    const running = (key: string) =>
      ({ key, type: 'shell', status: 'running', attempts: 1, startedAt: 7 }) as const;
    const failed = {
      ...running('t[10]'),
      status: 'failed',
      finishedAt: 9,
      exitCode: 2,
      error: 'exit',
    } as const;
    journal.append([
      batch('r1', 1, { change: change('running', { steps: [running('t[10]'), running('t[2]')] }) }),
    ]);
    journal.append([batch('r1', 2, { change: change('running', { steps: [running('b'), failed] }) })]);
    expect(other.stepRows('r1', 10)).toEqual([failed, running('t[2]'), running('b')]);
    expect(other.stepRows('r1', 1)).toEqual([failed]);
    expect(other.stepRows('r2', 1)).toEqual([]);
  });

  test('the run has what its last change says', () => {
    const { journal } = subject();
    start(journal, 'r1');
    const fields = { reason: 'asks', startedAt: 2, done: 1, total: 4, nextTimerAt: 99 };
    journal.append([batch('r1', 1, { change: change('waiting', fields) })]);
    expect(journal.run('r1')).toMatchObject({ status: 'waiting', ...fields });
    journal.append([
      batch('r1', 2, { change: change('failed', { startedAt: 2, finishedAt: 8, done: 4, total: 4 }) }),
    ]);
    const run = journal.run('r1');
    expect(run).toMatchObject({ status: 'failed', finishedAt: 8, done: 4 });
    expect(run).not.toHaveProperty('reason');
    expect(run).not.toHaveProperty('nextTimerAt');
  });
}

function listingTests(subject: Subject): void {
  const pages = (journal: Journal, query: Omit<RunQuery, 'limit'>, limit: number): string[][] => {
    const found: string[][] = [];
    for (let cursor: string | undefined; ; ) {
      const page = journal.runs({ ...query, limit, ...(cursor !== undefined && { cursor }) });
      found.push(page.runs.map((run) => run.runId));
      cursor = page.nextCursor;
      if (cursor === undefined) return found;
    }
  };

  test('newest first, in pages without gap or repetition, also within one millisecond', () => {
    const { journal } = subject();
    for (const [runId, atMs] of [
      ['a', 1],
      ['b', 2],
      ['c', 2],
      ['d', 2],
      ['e', 3],
    ] as const)
      start(journal, runId, atMs);
    expect(pages(journal, {}, 2)).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
    expect(pages(journal, {}, 5)).toEqual([['e', 'd', 'c', 'b', 'a']]);
    expect(journal.runs({ limit: 5, cursor: 'nonsense' })).toEqual({ runs: [] });
  });

  test('by workflow, status, age and all of them', () => {
    const { journal } = subject();
    start(journal, 'a', 1, { workflow: 'x' }, 'failed');
    start(journal, 'b', 2, { workflow: 'x' }, 'succeeded');
    start(journal, 'c', 3, { workflow: 'y' }, 'failed');
    start(journal, 'd', 4, { workflow: 'x' }, 'failed');
    expect(pages(journal, { workflow: 'x' }, 2)).toEqual([['d', 'b'], ['a']]);
    expect(pages(journal, { status: 'failed' }, 9)).toEqual([['d', 'c', 'a']]);
    expect(pages(journal, { sinceMs: 3 }, 9)).toEqual([['d', 'c']]);
    expect(pages(journal, { workflow: 'x', status: 'failed', sinceMs: 2 }, 9)).toEqual([['d']]);
  });

  test('ids by prefix, newest first', () => {
    const { journal } = subject();
    for (const [runId, atMs] of [
      ['ab1', 1],
      ['ab2', 3],
      ['ac', 2],
      ['b', 4],
    ] as const)
      start(journal, runId, atMs);
    expect(journal.runIds('ab', 5)).toEqual(['ab2', 'ab1']);
    expect(journal.runIds('', 2)).toEqual(['b', 'ab2']);
    expect(journal.runIds('%', 2)).toEqual([]);
  });
}

function claimTests(subject: Subject): void {
  test('a free run is claimed, and the claim is an event', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    own(journal, 'r1');
    expect(other.run('r1')).toMatchObject({ owner: 'a', epoch: 1, seq: 2, status: 'queued' });
    expect(other.read('r1', 1)).toMatchObject({
      ok: true,
      value: [{ seq: 2, epoch: 1, host: 'a', event: { type: 'run.claimed', host: 'a' } }],
    });
  });

  test('unknown and final runs', () => {
    const { journal } = subject();
    start(journal, 'r1', 0, {}, 'succeeded');
    expect(journal.claim('nobody', 'a', 0)).toEqual({ ok: false, error: 'unknown_run' });
    expect(journal.claim('r1', 'a', 0)).toEqual({ ok: false, error: 'final' });
  });

  test('held against everybody, the owner too, until it is given up', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    own(journal, 'r1');
    other.renew(identity('b'), 0);
    expect(other.claim('r1', 'b', 1)).toEqual({ ok: false, error: 'held' });
    expect(journal.claim('r1', 'a', 1)).toEqual({ ok: false, error: 'held' });
    other.releaseRun('r1', 'b');
    expect(other.claim('r1', 'b', 1)).toEqual({ ok: false, error: 'held' });
    journal.releaseRun('r1', 'a');
    expect(journal.claim('r1', 'a', 1)).toEqual({ ok: true, value: { epoch: 2 } });
  });

  test('taken over after the lease, not before', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    own(journal, 'r1');
    expect(other.claim('r1', 'b', LEASE_MS - 1)).toEqual({ ok: false, error: 'held' });
    expect(other.claim('r1', 'b', LEASE_MS)).toEqual({ ok: true, value: { epoch: 2 } });
  });

  test('taken over at once when the owner is dead or unknown', () => {
    const { journal, other, dead } = subject();
    start(journal, 'r1');
    own(journal, 'r1');
    dead.add('a');
    expect(other.claim('r1', 'stranger', 1)).toEqual({ ok: true, value: { epoch: 2 } });
    expect(journal.claim('r1', 'c', 1)).toEqual({ ok: true, value: { epoch: 3 } });
  });
}

function fencingTests(subject: Subject): void {
  test('an earlier owner can append nothing', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    own(journal, 'r1');
    expect(journal.append([batch('r1', 2, { epoch: 1 })])[0]?.ok).toBe(true);
    other.claim('r1', 'b', LEASE_MS);
    expect(journal.append([batch('r1', 4, { epoch: 1 })])).toEqual([
      { ok: false, error: { kind: 'fenced', epoch: 2 } },
    ]);
    expect(other.append([batch('r1', 4, { epoch: 2, host: 'b' })])).toMatchObject([
      { ok: true, value: [{ seq: 5, epoch: 2, host: 'b' }] },
    ]);
  });

  test('a request from outside needs no lease', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    own(journal, 'r1');
    expect(other.append([batch('r1', 2, { host: 'cli', events: [answered('q')] })])).toMatchObject([
      { ok: true, value: [{ seq: 3, epoch: 1, host: 'cli' }] },
    ]);
    expect(journal.run('r1')).toMatchObject({ owner: 'a', epoch: 1 });
  });

  test('a finished run has no owner and may be resumed by any host', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    own(journal, 'r1');
    journal.append([batch('r1', 2, { epoch: 1, change: change('failed') })]);
    expect(journal.run('r1')).not.toHaveProperty('owner');
    other.append([
      batch('r1', 3, { events: [{ type: 'run.resumed', by: 'cli' }], change: change('queued') }),
    ]);
    expect(other.claim('r1', 'b', 0)).toEqual({ ok: true, value: { epoch: 2 } });
  });
}

function leaseTests(subject: Subject): void {
  test('renewing keeps the runs', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    own(journal, 'r1');
    expect(journal.renew(identity('a'), LEASE_MS - 1)).toBe(true);
    expect(other.claim('r1', 'b', LEASE_MS + 1)).toEqual({ ok: false, error: 'held' });
  });

  test('a host that was taken for dead is told so once, then may register anew', () => {
    const { journal, other, dead } = subject();
    start(journal, 'r1');
    own(journal, 'r1');
    dead.add('a');
    other.claim('r1', 'b', 1);
    expect(journal.renew(identity('a'), 2)).toBe(false);
    expect(journal.renew(identity('a'), 3)).toBe(true);
  });

  test('release gives up every run and the host', () => {
    const { journal, other } = subject();
    for (const run of ['r1', 'r2']) {
      start(journal, run);
      own(journal, run);
    }
    journal.release('a');
    expect(other.run('r1')).not.toHaveProperty('owner');
    expect(other.claimable(0, 9)).toEqual(['r1', 'r2']);
    expect(journal.renew(identity('a'), 1)).toBe(true);
  });
}

function claimableTests(subject: Subject): void {
  test('queued and running runs, oldest first', () => {
    const { journal } = subject();
    start(journal, 'r3', 3);
    start(journal, 'r1', 1, {}, 'running');
    start(journal, 'r2', 2, {}, 'rolling_back');
    start(journal, 'done', 0, {}, 'succeeded');
    expect(journal.claimable(0, 9)).toEqual(['r1', 'r2', 'r3']);
    expect(journal.claimable(0, 1)).toEqual(['r1']);
  });

  test('a waiting run when its timer is due', () => {
    const { journal } = subject();
    start(journal, 'r1');
    own(journal, 'r1');
    journal.append([batch('r1', 2, { epoch: 1, change: change('waiting', { nextTimerAt: 50 }) })]);
    journal.releaseRun('r1', 'a');
    expect(journal.claimable(49, 9)).toEqual([]);
    expect(journal.claimable(50, 9)).toEqual(['r1']);
  });

  test('a waiting run that was touched from outside, until it is claimed', () => {
    const { journal, other } = subject();
    start(journal, 'r1', 0, {}, 'waiting');
    expect(journal.claimable(0, 9)).toEqual([]);
    other.append([batch('r1', 1, { events: [answered('q')], change: change('waiting') })]);
    expect(journal.claimable(0, 9)).toEqual(['r1']);
    own(journal, 'r1');
    journal.releaseRun('r1', 'a');
    expect(journal.claimable(0, 9)).toEqual([]);
  });

  test('a request that came while the owner let go is not lost', () => {
    const { journal, other } = subject();
    start(journal, 'r1', 0, {}, 'waiting');
    own(journal, 'r1');
    other.append([batch('r1', 2, { events: [answered('q')], change: change('waiting') })]);
    journal.releaseRun('r1', 'a');
    expect(other.claimable(0, 9)).toEqual(['r1']);
  });

  test('not what a living host owns, but whatever a dead one left, waiting or not', () => {
    const { journal, other, dead } = subject();
    start(journal, 'r1', 1);
    start(journal, 'r2', 2, {}, 'paused');
    own(journal, 'r1');
    own(journal, 'r2');
    expect(other.claimable(1, 9)).toEqual([]);
    expect(other.claimable(LEASE_MS, 9)).toEqual(['r1', 'r2']);
    dead.add('a');
    expect(other.claimable(1, 9)).toEqual(['r1', 'r2']);
    other.claim('r1', 'b', 1);
    expect(other.claimable(1, 9)).toContain('r2');
  });
}

function blobTests(subject: Subject): void {
  test('bytes come back by their hash', () => {
    const { journal, other } = subject();
    const bytes = new Uint8Array([0, 1, 255]);
    const sha256 = journal.putBlob(bytes);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(other.putBlob(bytes)).toBe(sha256);
    expect(new Uint8Array(other.getBlob(sha256)!)).toEqual(bytes);
    expect(journal.getBlob('0'.repeat(64))).toBeUndefined();
    expect(journal.getBlob('../belay.db')).toBeUndefined();
  });
}

async function watchTest({ journal, other }: JournalUnderTest): Promise<void> {
  let calls = 0;
  const seen = Promise.withResolvers<void>();
  const stop = journal.watch(() => {
    calls++;
    seen.resolve();
  });
  const silent = journal.watch(() => expect.unreachable('taken back'));
  silent();
  start(journal, 'own');
  // Answers to hints that were on their way when the other committed may only come after it.
  const before = calls;
  start(other, 'others');
  await seen.promise;
  expect(before).toBe(0);
  expect(calls).toBe(1);
  stop();
}
