/** 200 `true` steps one after the other, against the same 200 spawned bare by Node. */
import { spawn } from 'node:child_process';
import { scratchBelay } from '../test/fixtures/scratch-belay.ts';
import type { Measure } from './measure.ts';
import { paired } from './measure.ts';

const STEPS = 200;

const bare = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', 'true'], { stdio: 'ignore', detached: true });
    child.once('error', reject);
    child.once('exit', () => resolve());
  });

export const sequentialShell: Measure = {
  name: 'sequential-shell',
  aim: '<= 1.5',
  async run() {
    const scratch = scratchBelay();
    const steps = Array.from({ length: STEPS }, (_, index) => ({ id: `s${index}`, command: 'true' }));
    try {
      const { ratio, oursMs, baselineMs } = await paired(
        5,
        () => scratch.run({ name: 'sequential', steps }),
        async () => {
          for (let step = 0; step < STEPS; step += 1) await bare();
        },
      );
      return {
        ratio,
        detail: `${STEPS} steps: ${oursMs.toFixed(0)} ms against ${baselineMs.toFixed(0)} ms bare`,
      };
    } finally {
      scratch.close();
    }
  },
};
