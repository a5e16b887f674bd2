/** workflow_status of one run on a store with 100,000 finished runs, against a store with none. */
import type { EventOf } from '../src/engine/core/events.ts';
import type { ProjectionChange } from '../src/engine/core/ports.ts';
import { newRunId } from '../src/engine/host/run-requests.ts';
import { statusTool } from '../src/tools/status.tool.ts';
import { type Scratch, scratchBelay } from '../test/fixtures/scratch-belay.ts';
import type { Measure } from './measure.ts';
import { paired } from './measure.ts';

const RUNS = 100_000;
const CALLS = 300;
const SMALL = {
  name: 'small',
  steps: [1, 2, 3].map((id) => ({ id: `s${id}`, type: 'set', values: { id } })),
};

/** Finished runs straight into the journal: what was done to get there does not matter here. */
function fill(scratch: Scratch): void {
  const { journal } = scratch.belay;
  const template = journal.read(journal.runIds('', 1)[0] ?? '');
  if (!template.ok) throw new Error(template.error.message);
  const created = template.value[0]?.event as EventOf<'run.created'>;
  const change: ProjectionChange = {
    status: 'succeeded',
    done: 3,
    total: 3,
    finishedAt: 1,
    steps: [],
    questions: [],
  };
  for (let run = 0; run < RUNS; run += 1) {
    const atMs = 1_000_000_000_000 + run;
    journal.create(newRunId(atMs), created, { host: 'bench', atMs }, change);
  }
}

async function ask(scratch: Scratch, runId: string): Promise<void> {
  for (let call = 0; call < CALLS; call += 1) {
    const answer = await statusTool.run(scratch.context, { run_id: runId });
    if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  }
}

export const statusScale: Measure = {
  name: 'status-scale',
  aim: '<= 1.5',
  async run() {
    const full = scratchBelay();
    const empty = scratchBelay();
    try {
      const inFull = await full.run(SMALL);
      const inEmpty = await empty.run(SMALL);
      fill(full);
      const { ratio, oursMs, baselineMs } = await paired(
        7,
        () => ask(full, inFull.run_id),
        () => ask(empty, inEmpty.run_id),
      );
      const us = (ms: number) => ((1_000 * ms) / CALLS).toFixed(0);
      return { ratio, detail: `${us(oursMs)} us a call with ${RUNS} runs, ${us(baselineMs)} us with none` };
    } finally {
      full.close();
      empty.close();
    }
  },
};
