/** Adds sessions one by one to a data folder that others add to as well; some of them are the same in all processes. */
import { openLearning } from '../../../../src/store/learning/open-learning.ts';

const [home = '', name = '', count = '0'] = process.argv.slice(2);
const store = openLearning(home, () => 0);
for (let at = 0; at < Number(count); at += 1) {
  for (const key of [`shared:${at}`, `${name}:${at}`])
    store.add([{ key, source: `import:${name}`, at, project: '', steps: [{ command: `echo ${key}` }] }]);
}
store.close();
