/**
 * The part of the journal contract about who drives a run: claims, epochs, leases, what is to be claimed.
 */
import { describe, expect, test } from 'vitest';
import { LEASE_MS } from '../../src/engine/core/limits.ts';
import type { Journal } from '../../src/engine/core/ports.ts';
import { answered, batch, change, identity, type JournalUnderTest, start } from './journal.fixture.ts';

type Subject = () => JournalUnderTest;

export function leaseSuite(subject: Subject): void {
  describe('claim', () => claimTests(subject));
  describe('fencing', () => fencingTests(subject));
  describe('lease', () => leaseTests(subject));
  describe('claimable', () => {
    claimableTests(subject);
    touchedTests(subject);
  });
}

/** Claims for host `a`, registered at time 0. */
function own(journal: Journal, runId: string): void {
  journal.renew(identity('a'), 0);
  expect(journal.claim(runId, 'a', 0)).toEqual({ ok: true, value: { epoch: 1 } });
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
}

function touchedTests(subject: Subject): void {
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
