/**
 * Opens the store of a folder and restores the models, as the first question of a process does; prints the milliseconds.
 * Run by `learning-scale.ts` as a process of its own, with the folder and the version of its snapshot.
 */
import { openLearning } from '../src/store/learning/open-learning.ts';
import { restoredModels } from '../src/tools/learning/models.ts';

const [home = '', version = ''] = process.argv.slice(2);
const openedFrom = performance.now();
const store = openLearning(home, Date.now);
const found = await store.snapshot(version);
if (!restoredModels(found?.state)) throw new Error('the snapshot is no good');
process.stdout.write(`${performance.now() - openedFrom}\n`);
store.close();
