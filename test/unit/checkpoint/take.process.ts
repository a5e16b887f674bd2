/**
 * Takes snapshots of a tree in a process of its own and prints what came of the last one as JSON.
 * Arguments: tree, folder of the store, count; and optionally where it kills itself: `put` (the first content is in a
 * pack) or `finish` (the packs are in their places, the manifest is not).
 */
import { ObjectWriter } from '../../../src/checkpoint/object-writer.ts';
import { SnapshotStore } from '../../../src/checkpoint/snapshot-store.ts';
import { takeSnapshot } from '../../../src/checkpoint/take-snapshot.ts';

const [tree, folder, count, end] = process.argv.slice(2) as [string, string, string, ('put' | 'finish')?];
const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

const { put, finish } = ObjectWriter.prototype;
if (end === 'put')
  ObjectWriter.prototype.put = function (content) {
    const hash = put.call(this, content);
    die();
    return hash;
  };
if (end === 'finish')
  ObjectWriter.prototype.finish = async function () {
    await finish.call(this);
    die();
  };

const store = new SnapshotStore(folder);
let last: unknown;
for (let taken = 0; taken < Number(count); taken += 1)
  last = await takeSnapshot(store, {
    runId: `${process.pid}`,
    scope: { roots: [tree], exclude: [], base: tree },
    budget: { bytes: 1e9, files: 10_000, ms: 60_000 },
    captures: [],
  });
console.log(JSON.stringify(last));
