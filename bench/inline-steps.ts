/** Durable `set` steps: how many a second in one run, and whether a step costs the same in a long run as in a short one. */

import { type Scratch, scratchBelay } from '../test/fixtures/scratch-belay.ts';
import type { Measure } from './measure.ts';
import { median, timed } from './measure.ts';

const LONG = 10_000;
const SHORT = 100;
const ROUNDS = 5;
const AIM_PER_SECOND = 3_000;

const loopOf = (count: number) => ({
  name: 'inline',
  steps: [{ id: 'each', type: 'set', foreach: `1..${count}`, values: { twice: '{{ item * 2 }}' } }],
});

/** Milliseconds for one step, from the call to the answer that shows the end. */
async function msPerStep(scratch: Scratch, count: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const whole = await timed(() => scratch.run(loopOf(count)));
    times.push(whole / count);
  }
  return median(times);
}

export const inlineRate: Measure = {
  name: 'inline-rate',
  aim: '<= 1',
  async run() {
    const scratch = scratchBelay();
    try {
      const perSecond = 1_000 / (await msPerStep(scratch, LONG));
      return {
        ratio: AIM_PER_SECOND / perSecond,
        detail: `${perSecond.toFixed(0)} durable steps a second, aim ${AIM_PER_SECOND}`,
      };
    } finally {
      scratch.close();
    }
  },
};

export const inlineLinear: Measure = {
  name: 'inline-linear',
  aim: '<= 1.3',
  async run() {
    const scratch = scratchBelay();
    try {
      await msPerStep(scratch, SHORT);
      const short = await msPerStep(scratch, SHORT);
      const long = await msPerStep(scratch, LONG);
      return {
        ratio: long / short,
        detail: `${(1_000 * long).toFixed(0)} us a step of ${LONG}, ${(1_000 * short).toFixed(0)} us a step of ${SHORT}`,
      };
    } finally {
      scratch.close();
    }
  },
};
