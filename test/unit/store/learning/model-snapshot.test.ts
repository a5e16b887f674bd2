/** A snapshot is written in parts while others work; whatever ends that, what is read is a whole one or none. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LearningStore } from '../../../../src/store/learning/open-learning.ts';
import { learningFolder } from '../../../fixtures/learning-folder.ts';

const folder = learningFolder(() => 0);

function opened(): LearningStore {
  const store = folder.opened();
  store.add([{ key: 'k', source: 's', at: 0, project: '/p', steps: [{ command: 'make' }] }]);
  return store;
}

/** Of some pieces: small arrays of each kind that are kept together, and large ones. */
const stateOf = (seed: number): object => ({
  seed,
  texts: ['a', '\u{1f600}', ''],
  small: [Uint8Array.of(1, 2, 3), new Float64Array(0), Uint16Array.of(seed), Int32Array.of(-seed, 7)],
  large: Uint32Array.from({ length: 700_000 }, (_, at) => (at * seed) % 1_000_003),
  deep: {
    odd: Uint8Array.from({ length: 1_048_577 }, (_, at) => (at * seed) % 251),
    more: [null, undefined],
  },
  numbers: Float32Array.from({ length: 200_000 }, (_, at) => at / seed),
  last: Float64Array.of(seed, Number.MIN_VALUE),
});

function inDatabase<T>(act: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(folder.home(), 'learning.db'));
  try {
    return act(db);
  } finally {
    db.close();
  }
}

const partsLeft = (): unknown =>
  inDatabase((db) => db.prepare('SELECT count(DISTINCT attempt) AS attempts FROM snapshot_parts').get());

test('a large state comes back as it was, and nothing is left of the one before', async () => {
  const store = opened();
  for (const seed of [3, 5]) {
    await store.keepSnapshot('1', 0, { position: seed, state: stateOf(seed) });
    expect(await store.snapshot('1')).toEqual({ position: seed, state: stateOf(seed) });
  }
  expect(partsLeft()).toEqual({ attempts: 1 });
});

test('others get their turn while it is written', async () => {
  const store = opened();
  let turns = 0;
  let isKept = false;
  const keeping = store.keepSnapshot('1', 0, { position: 1, state: stateOf(3) }).then(() => {
    isKept = true;
  });
  for (; !isKept; turns += 1) {
    expect(store.head().position).toBe(1);
    await setImmediate();
  }
  await keeping;
  expect(turns).toBeGreaterThan(4);
});

test('what is being written when the store is closed is written to its end', async () => {
  const store = opened();
  const keeping = store.keepSnapshot('1', 0, { position: 1, state: stateOf(3) });
  await setImmediate();
  store.close();
  await keeping;
  expect(await opened().snapshot('1')).toEqual({ position: 1, state: stateOf(3) });
});

test('when something is forgotten meanwhile, no byte of it stays', async () => {
  const [store, elsewhere] = [opened(), opened()];
  await store.keepSnapshot('1', 0, { position: 1, state: stateOf(3) });
  const keeping = store.keepSnapshot('1', 0, { position: 2, state: stateOf(5) });
  await setImmediate();
  elsewhere.forget('all');
  await keeping;
  expect(await store.snapshot('1')).toBeUndefined();
  expect(partsLeft()).toEqual({ attempts: 0 });
});

test('what a process that died has left does not count, and goes with the next one', async () => {
  const store = opened();
  await store.keepSnapshot('1', 0, { position: 1, state: stateOf(3) });
  inDatabase((db) =>
    db.exec("INSERT INTO snapshot_parts SELECT 'dead', part, size, bytes FROM snapshot_parts LIMIT 3"),
  );
  expect((await store.snapshot('1'))?.position).toBe(1);
  await store.keepSnapshot('1', 0, { position: 2, state: stateOf(5) });
  expect((await store.snapshot('1'))?.position).toBe(2);
  expect(partsLeft()).toEqual({ attempts: 1 });
});

test.each([
  ['a part is gone', 'DELETE FROM snapshot_parts WHERE part = 2'],
  [
    'a part is another',
    'UPDATE snapshot_parts SET bytes = (SELECT bytes FROM snapshot_parts WHERE part = 1) WHERE part = 2',
  ],
  ['a part says that it is huge', 'UPDATE snapshot_parts SET size = 1 << 40 WHERE part = 1'],
  ['the head is strange', "UPDATE snapshot_parts SET bytes = x'00' WHERE part = 0"],
])('%s: there is none', async (_, damage) => {
  const store = opened();
  await store.keepSnapshot('1', 0, { position: 1, state: stateOf(3) });
  inDatabase((db) => db.exec(damage));
  expect((await store.snapshot('1'))?.position).toBeUndefined();
});

test('a byte is another: there is none', async () => {
  const store = opened();
  await store.keepSnapshot('1', 0, { position: 1, state: stateOf(3) });
  inDatabase((db) => {
    const bytes = db.prepare('SELECT bytes FROM snapshot_parts WHERE part = 2').get()?.bytes as Uint8Array;
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    db.prepare('UPDATE snapshot_parts SET bytes = ? WHERE part = 2').run(bytes);
  });
  expect((await store.snapshot('1'))?.position).toBeUndefined();
});

test('two processes that keep one at once leave one of them whole', async () => {
  const [one, other] = [opened(), opened()];
  await Promise.all([
    one.keepSnapshot('1', 0, { position: 1, state: stateOf(3) }),
    other.keepSnapshot('1', 0, { position: 2, state: stateOf(5) }),
  ]);
  const found = await one.snapshot('1');
  expect([
    { position: 1, state: stateOf(3) },
    { position: 2, state: stateOf(5) },
  ]).toContainEqual(found);
  expect(partsLeft()).toEqual({ attempts: 1 });
});
