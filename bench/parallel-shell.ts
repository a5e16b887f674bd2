/** `true` steps at width 4, against `xargs -P4` with the same shell and options: 1,000 of them, and a loop of 10,000. */
import { spawn } from 'node:child_process';
import { scratchBelay } from '../test/fixtures/scratch-belay.ts';
import type { Measure } from './measure.ts';
import { paired } from './measure.ts';

const WIDTH = 4;

const xargs = (steps: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('xargs', [`-P${WIDTH}`, '-I{}', 'bash', '-euo', 'pipefail', '-c', 'true'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.once('error', reject);
    child.once('exit', () => resolve());
    child.stdin.end(Array.from({ length: steps }, (_, index) => `${index}\n`).join(''));
  });

const against = (name: string, steps: number, rounds: number): Measure => ({
  name,
  aim: '<= 1.5',
  async run() {
    const scratch = scratchBelay();
    const definition = {
      name: 'parallel',
      max_parallel: WIDTH,
      steps: [{ id: 'each', foreach: `1..${steps}`, max_parallel: WIDTH, command: 'true' }],
    };
    try {
      const ours = () => scratch.run(definition);
      const { ratio, oursMs, baselineMs } = await paired(rounds, ours, () => xargs(steps));
      return {
        ratio,
        detail: `${steps} steps at width ${WIDTH}: ${oursMs.toFixed(0)} ms against ${baselineMs.toFixed(0)} ms of xargs`,
      };
    } finally {
      scratch.close();
    }
  },
});

export const parallelShell: Measure = against('parallel-shell', 1_000, 5);
export const foreachShell: Measure = against('foreach-shell', 10_000, 1);
