/** The journal says no: somebody else was first, the lease is gone, the disk is full. */
import { expect, test } from 'vitest';
import { err, ok } from '../../../../src/engine/core/failure.ts';
import type { AppendRefused } from '../../../../src/engine/core/ports.ts';
import { request } from '../../../../src/engine/host/run-requests.ts';
import { type HostTerms, World } from './world.ts';

const workflow = {
  steps: [
    { id: 'a', command: 'a' },
    { id: 'go', type: 'approval', message: 'go?' },
    {
      id: 'side',
      parallel: [
        { id: 'b', command: 'b' },
        { id: 'c', command: 'c' },
      ],
    },
    { id: 'note', type: 'set', values: { n: '{{ 1 + 1 }}' } },
  ],
  cleanup: [{ id: 'd', command: 'd' }],
};
/** Appends of a host that drives it alone. */
const APPENDS = 6;

/** Ends what runs and answers what is asked, until nothing moves. */
async function play(world: World, run: string): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) {
    for (const script of world.machine.running) await world.end(script);
    const open = [...world.state(run).questions.values()].find(({ status }) => status === 'open');
    if (open) await world.ask(run, { type: 'question.answered', question: open.id, answer: true, by: 'ann' });
    await world.pass(3_000);
  }
}

/** Something happens right before the n-th append of the host. */
const before = (count: number, act: () => void): NonNullable<HostTerms['between']> => {
  let appends = 0;
  return (journal) => ({
    append: (batches) => {
      appends += 1;
      if (appends === count) act();
      return journal.append(batches);
    },
  });
};

/** Asks for the cancel of the only run there is, as another process does. */
function cancel(world: World): void {
  const requester = { journal: world.store, now: () => world.machine.now, by: 'ann' };
  const [run] = world.store.runs({ limit: 1 }).runs;
  request(requester, run!.runId, () => ok({ type: 'run.cancel_requested', mode: 'graceful', by: 'ann' }));
}

const counts = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);

test.each(counts(APPENDS))(
  'somebody cancels right before append %i: nothing is lost or run twice',
  async (count) => {
    const world = new World();
    let asked = false;
    const { reports } = world.host({
      between: before(count, () => {
        asked = true;
        cancel(world);
      }),
    });
    const run = await world.run(workflow);
    await play(world, run);
    const taken = world.events(run).some(({ type }) => type === 'run.cancel_requested');
    expect(asked).toBe(true);
    expect(taken).toBe(true);
    expect(world.status(run)).toBe('cancelled');
    expect(world.machine.started).toEqual([...new Set(world.machine.started)]);
    expect(world.machine.running).toEqual([]);
    expect(reports).toEqual([]);
  },
);

test('somebody answers right before the question expires: the answer counts', async () => {
  const world = new World();
  const answer = (run: string) => {
    const requester = { journal: world.store, now: () => world.machine.now, by: 'ann' };
    request(requester, run, () =>
      ok({ type: 'question.answered', question: 'q1-go', answer: true, by: 'ann' }),
    );
  };
  const { reports } = world.host({
    between: before(2, () => answer(world.store.runs({ limit: 1 }).runs[0]!.runId)),
  });
  const run = await world.run({ steps: [{ id: 'go', type: 'approval', message: 'go?', expires: '1m' }] });
  await world.pass(60_000);
  expect(world.status(run)).toBe('succeeded');
  expect(reports).toEqual([]);
});

const full = { kind: 'storage', message: 'the disk is full' } as const satisfies AppendRefused;

test.each(counts(APPENDS))(
  'storage fails from append %i on: the host halts, the next one finishes the run',
  async (count) => {
    const world = new World();
    let appends = 0;
    const first = world.host({
      between: (journal) => ({
        append(batches) {
          appends += 1;
          return appends >= count ? batches.map(() => err(full)) : journal.append(batches);
        },
      }),
    });
    const run = await world.run(workflow);
    await play(world, run);
    const acknowledged = world.events(run);
    expect(first.reports[0]).toContain(full.message);
    expect(appends).toBeGreaterThanOrEqual(count);
    first.die();
    world.host();
    await play(world, run);
    expect(world.events(run).slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(world.status(run)).toBe('succeeded');
    expect(world.machine.started.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  },
);

test('a host whose storage failed goes on by itself when the journal can be written again', async () => {
  const world = new World();
  let broken = false;
  const { host, reports } = world.host({
    between: (journal) => ({
      append: (batches) => (broken ? batches.map(() => err(full)) : journal.append(batches)),
      renew: (identity, now) => {
        if (broken) throw new StorageError(full.message);
        return journal.renew(identity, now);
      },
    }),
  });
  const run = await world.run(workflow);
  broken = true;
  await world.end('a');
  expect(host.problem).toEqual({ code: 'storage', message: full.message });
  await world.pass(60_000);
  expect(host.problem).toEqual({ code: 'storage', message: full.message });
  broken = false;
  await world.pass(10_000);
  expect(host.problem).toBeUndefined();
  await play(world, run);
  expect(world.status(run)).toBe('succeeded');
  expect(world.machine.started.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  expect(reports.every((report) => report.includes(full.message))).toBe(true);
});

test('a run that cannot be read keeps nobody from the others, and is left as it is', async () => {
  const world = new World();
  const damaged = await world.run(workflow);
  const healthy = await world.run({ steps: [{ id: 'other', command: 'other' }] });
  const held = world.events(damaged).length;
  const { reports } = world.host({
    between: (journal) => ({
      read(runId, afterSeq) {
        if (runId === damaged) throw new TypeError('cannot fold');
        return journal.read(runId, afterSeq);
      },
    }),
  });
  await world.settle();
  await world.end('other');
  expect(world.status(healthy)).toBe('succeeded');
  await world.pass(10_000);
  expect(world.events(damaged)).toHaveLength(held);
  expect(reports).toHaveLength(1);
});

/** What the store throws where an answer has no place for it. */
class StorageError extends Error {
  override readonly name = 'StorageError';
}

test.each(['renew', 'release', 'releaseRun', 'claim', 'claimable', 'putBlob', 'read'] as const)(
  '`%s` that throws because the disk is broken stops the host and nothing else',
  async (method) => {
    const world = new World();
    let broken = false;
    const { host, reports } = world.host({
      between: (journal) => ({
        [method]: (...given: readonly never[]) => {
          if (broken) throw new StorageError('the disk is broken');
          return (journal[method] as (...all: readonly never[]) => unknown)(...given);
        },
      }),
    });
    const run = await world.run({
      steps: [
        { id: 'a', command: 'a' },
        { id: 'b', foreach: 'range(1000000, 1009999)', command: 'b' },
      ],
    });
    broken = true;
    await world.end('a');
    if (method === 'releaseRun') await world.ask(run, { type: 'run.pause_requested', by: 'ann' });
    if (method === 'releaseRun') await world.end('b');
    await world.run({ steps: [{ id: 'a', command: 'other' }] });
    await world.ask(run, { type: 'run.cancel_requested', mode: 'graceful', by: 'ann' });
    await world.pass(4_500);
    host.stop();
    expect(host.problem).toEqual({ code: 'storage', message: 'the disk is broken' });
    expect(reports).toHaveLength(1);
    expect(world.status(run)).not.toBe('stuck');
  },
);

test('a full disk that keeps an attempt from being taken over stops the host; the run is not stuck', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run(workflow);
  first.die();
  const recover = (): never => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', syscall: 'open' });
  };
  const second = world.host({ runner: { recover } });
  await world.settle();
  expect(second.host.problem?.message).toContain('ENOSPC');
  expect(world.status(run)).toBe('running');
});

test('a host whose lease has gone drops the run at its next append', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run(workflow);
  world.machine.creep(3_600_000);
  expect(world.store.renew({ host: 'x', pid: 1, startTime: '', bootId: '' }, world.machine.now)).toBe(true);
  expect(world.store.claim(run, 'x', world.machine.now).ok).toBe(true);
  const held = world.events(run).length;
  await world.end('a');
  expect(world.events(run)).toHaveLength(held);
  expect(first.host.active).toBe(0);
  expect(first.reports).toEqual([]);
});
