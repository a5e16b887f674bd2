/**
 * The part of the journal contract about order: priorities, and concurrency groups, in which one run goes after the other.
 */
import { describe, expect, test } from 'vitest';
import { LEASE_MS } from '../../src/engine/core/limits.ts';
import type { GroupChange, Journal } from '../../src/engine/core/ports.ts';
import { answered, batch, change, created, identity, type JournalUnderTest } from './journal.fixture.ts';

type Subject = () => JournalUnderTest;

export function groupsSuite(subject: Subject): void {
  describe('priority', () => priorityTests(subject));
  describe('concurrency group', () => {
    lineTests(subject);
    placeTests(subject);
    returnTests(subject);
    rejectTests(subject);
  });
}

const member = (fields: Partial<GroupChange> = {}): GroupChange => ({
  name: 'g',
  isMember: true,
  hasEntered: false,
  replaces: false,
  ...fields,
});

interface Newcomer {
  readonly priority?: number;
  readonly group?: string;
  readonly onConflict?: 'reject' | 'replace';
}

function come(
  journal: Journal,
  runId: string,
  atMs: number,
  { priority, group = 'g', onConflict }: Newcomer = {},
) {
  const event = created({
    group,
    ...(priority !== undefined && { priority }),
    ...(onConflict && { on_conflict: onConflict }),
  });
  const row = member({ name: group, replaces: onConflict === 'replace' });
  return journal.create(runId, event, { host: 'test', atMs }, change('queued', { group: row }));
}

/** The owner says that the run has ended, or does what else makes it `status`. */
function become(
  journal: Journal,
  runId: string,
  status: 'succeeded' | 'running' | 'waiting' | 'paused',
  row: Partial<GroupChange>,
): void {
  const { seq, epoch } = journal.run(runId)!;
  const [appended] = journal.append([
    batch(runId, seq, { epoch, change: change(status, { group: member(row) }) }),
  ]);
  expect(appended).toMatchObject({ ok: true });
}
const end = (journal: Journal, runId: string) => become(journal, runId, 'succeeded', { isMember: false });

const WAITS = { ok: false, error: 'waits' };

function priorityTests(subject: Subject): void {
  test('higher goes first, then the oldest; the limit takes the last', () => {
    const { journal } = subject();
    for (const [runId, atMs, priority] of [
      ['old', 1, 0],
      ['low', 2, -10],
      ['high', 3, 5],
      ['new', 4, 0],
    ] as const)
      come(journal, runId, atMs, { priority, group: runId });
    expect(journal.claimable(9, 9)).toEqual(['high', 'old', 'new', 'low']);
    expect(journal.claimable(9, 2)).toEqual(['high', 'old']);
  });
}

function lineTests(subject: Subject): void {
  test('one at a time, the oldest first, each when the one before it has ended', () => {
    const { journal, other } = subject();
    for (const [index, runId] of ['a', 'b', 'c'].entries()) come(journal, runId, index);
    come(journal, 'stranger', 9, { group: 'h' });
    journal.renew(identity('x'), 0);
    expect(other.claim('b', 'x', 1)).toEqual(WAITS);
    expect(other.claimable(1, 9)).toEqual(['a', 'stranger']);
    expect(journal.claim('a', 'x', 1)).toMatchObject({ ok: true });
    expect(other.claimable(1, 9)).toEqual(['stranger']);
    expect(other.claim('b', 'x', 1)).toEqual(WAITS);
    expect(other.run('b')).toMatchObject({ seq: 1, status: 'queued' });
    end(journal, 'a');
    expect(other.claimable(1, 9)).toEqual(['b', 'stranger']);
    expect(other.claim('c', 'x', 1)).toEqual(WAITS);
    expect(other.claim('b', 'x', 1)).toMatchObject({ ok: true });
  });

  test('who has a higher priority goes before who waits longer, not before who has it', () => {
    const { journal } = subject();
    journal.renew(identity('x'), 0);
    for (const [index, [runId, priority]] of [
      ['a', 0],
      ['b', 0],
      ['c', 3],
    ].entries())
      come(journal, runId as string, index, { priority: priority as number });
    expect(journal.claim('c', 'x', 1)).toMatchObject({ ok: true });
    come(journal, 'd', 9, { priority: 10 });
    expect(journal.claim('d', 'x', 1)).toEqual(WAITS);
    expect(journal.groupMembers('a')).toEqual([
      { runId: 'c', hasEntered: true },
      { runId: 'd', hasEntered: false },
      { runId: 'a', hasEntered: false },
      { runId: 'b', hasEntered: false },
    ]);
  });
}

function placeTests(subject: Subject): void {
  test.each(['waiting', 'paused'] as const)('a run that is %s keeps its group', (status) => {
    const { journal, other } = subject();
    journal.renew(identity('x'), 0);
    come(journal, 'a', 0);
    come(journal, 'b', 1);
    journal.claim('a', 'x', 1);
    become(journal, 'a', status, { hasEntered: true });
    journal.releaseRun('a', 'x');
    expect(other.claim('b', 'x', 1)).toEqual(WAITS);
    expect(other.claimable(1, 9)).toEqual([]);
  });

  test('the death of its owner frees the run, not its group', () => {
    const { journal, other, dead } = subject();
    journal.renew(identity('x'), 0);
    come(journal, 'a', 0);
    come(journal, 'b', 1);
    journal.claim('a', 'x', 1);
    dead.add('x');
    expect(other.claimable(1, 9)).toEqual(['a']);
    expect(other.claim('b', 'y', LEASE_MS)).toEqual(WAITS);
    expect(other.claim('a', 'y', LEASE_MS)).toMatchObject({ ok: true });
    end(other, 'a');
    expect(other.claim('b', 'y', LEASE_MS)).toMatchObject({ ok: true });
  });

  test('who leaves the line, or pauses in it, keeps nobody waiting', () => {
    const { journal } = subject();
    journal.renew(identity('x'), 0);
    for (const [index, runId] of ['a', 'b', 'c'].entries()) come(journal, runId, index);
    const leave = change('queued', { group: member({ isMember: false }) });
    journal.append([batch('a', 1, { events: [answered('q')], change: leave })]);
    journal.append([
      batch('b', 1, { events: [answered('q')], change: change('paused', { group: member() }) }),
    ]);
    expect(journal.claim('c', 'x', 1)).toMatchObject({ ok: true });
    // it has to be claimed to end, and begins nothing
    expect(journal.claim('a', 'x', 1)).toMatchObject({ ok: true });
  });
}

function returnTests(subject: Subject): void {
  test('a run that goes on after its end stands in line again', () => {
    const { journal } = subject();
    journal.renew(identity('x'), 0);
    come(journal, 'a', 0);
    journal.claim('a', 'x', 1);
    end(journal, 'a');
    come(journal, 'b', 1);
    journal.claim('b', 'x', 1);
    const { seq } = journal.run('a')!;
    const again = change('running', { group: member() });
    journal.append([batch('a', seq, { events: [{ type: 'run.resumed', by: 'cli' }], change: again })]);
    expect(journal.claim('a', 'x', 1)).toEqual(WAITS);
    end(journal, 'b');
    expect(journal.claim('a', 'x', 1)).toMatchObject({ ok: true });
  });

  test('one that replaces others is listed while it waits: somebody has to end them', () => {
    const { journal } = subject();
    journal.renew(identity('x'), 0);
    come(journal, 'a', 0);
    journal.claim('a', 'x', 1);
    come(journal, 'b', 1, { onConflict: 'replace' });
    expect(journal.claimable(1, 9)).toEqual(['b']);
    expect(journal.claim('b', 'x', 1)).toEqual(WAITS);
  });
}

function rejectTests(subject: Subject): void {
  test('refused while somebody has the group or waits for it: it names the first of them, and nothing is there', () => {
    const { journal, other } = subject();
    journal.renew(identity('x'), 0);
    const refused = (run: string) => ({ ok: false, error: { kind: 'group_taken', run } });
    come(journal, 'b', 1);
    come(journal, 'a', 0);
    expect(come(other, 'c', 2, { onConflict: 'reject' })).toEqual(refused('a'));
    journal.claim('a', 'x', 1);
    expect(come(other, 'c', 2, { onConflict: 'reject' })).toEqual(refused('a'));
    expect(other.run('c')).toBeUndefined();
    expect(other.read('c')).toEqual({ ok: true, value: [] });
    expect(come(other, 'c', 2, { onConflict: 'reject', group: 'h' })).toMatchObject({ ok: true });
    end(journal, 'a');
    expect(come(other, 'd', 2, { onConflict: 'reject' })).toEqual(refused('b'));
  });

  test('a free group takes it', () => {
    const { journal } = subject();
    expect(come(journal, 'a', 0, { onConflict: 'reject' })).toMatchObject({ ok: true });
    expect(journal.groupMembers('a')).toEqual([{ runId: 'a', hasEntered: false }]);
  });
}
