/** Resident memory of `belay serve` after 100,000 requests more, against that after it has warmed up. */
import type { Measure } from './measure.ts';
import { belayServed, type Client, client, type Served, share } from './served.ts';

/** Until then it grows as any program does. */
const WARM_UP = Math.max(8_000, share(20_000));
const REQUESTS = share(100_000);
const AT_ONCE = 50;
const RUN = JSON.stringify({ name: 'memory', steps: [{ id: 'a', type: 'set', values: { x: 1 } }] });

async function ask(belay: Client, runId: string, count: number): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (; left > 0; ) {
        left -= 1;
        await belay.call('workflow_status', { run_id: runId });
      }
    }),
  );
}

async function residentBytes({ url }: Served): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\d+)$/m.exec(text)?.[1]);
}

export const httpMemory: Measure = {
  name: 'http-memory',
  aim: '<= 1.25',
  async run() {
    const server = await belayServed();
    const belay = client(server);
    try {
      const { run_id } = await belay.call('workflow_execute', { definition: RUN });
      await ask(belay, run_id, WARM_UP);
      const before = await residentBytes(server);
      await ask(belay, run_id, REQUESTS);
      const after = await residentBytes(server);
      const mb = (bytes: number) => `${(bytes / 1_000_000).toFixed(0)} MB`;
      return { ratio: after / before, detail: `${mb(before)}, ${mb(after)} after ${REQUESTS} requests more` };
    } finally {
      belay.close();
      await server.end();
    }
  },
};
