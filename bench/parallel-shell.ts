/** 1,000 `true` steps at width 4, against `xargs -P4` with the same shell and options. */
import { spawn } from 'node:child_process';
import { scratchBelay } from '../test/fixtures/scratch-belay.ts';
import type { Measure } from './measure.ts';
import { paired } from './measure.ts';

const STEPS = 1_000;
const WIDTH = 4;

const xargs = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('xargs', [`-P${WIDTH}`, '-I{}', 'bash', '-euo', 'pipefail', '-c', 'true'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.once('error', reject);
    child.once('exit', () => resolve());
    child.stdin.end(Array.from({ length: STEPS }, (_, index) => `${index}\n`).join(''));
  });

export const parallelShell: Measure = {
  name: 'parallel-shell',
  aim: '<= 1.5',
  async run() {
    const scratch = scratchBelay();
    const definition = {
      name: 'parallel',
      max_parallel: WIDTH,
      steps: [{ id: 'each', foreach: `1..${STEPS}`, max_parallel: WIDTH, command: 'true' }],
    };
    try {
      const { ratio, oursMs, baselineMs } = await paired(5, () => scratch.run(definition), xargs);
      return {
        ratio,
        detail: `${STEPS} steps at width ${WIDTH}: ${oursMs.toFixed(0)} ms against ${baselineMs.toFixed(0)} ms of xargs`,
      };
    } finally {
      scratch.close();
    }
  },
};
