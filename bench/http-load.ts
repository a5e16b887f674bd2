/**
 * 200 clients at once that poll and now and then execute, against the SDK's server on Hono with a tool that does nothing and as
 * many clients: p99 of workflow_status against p99 of nothing, and the calls a second of both.
 */
import type { Measure } from './measure.ts';
import { bareServed, belayServed, type Client, client, quantile, type Served, share } from './served.ts';

const CLIENTS = share(200);
const CALLS = 100;
/** One call in so many starts a run. */
const EXECUTE_EVERY = 20;
const RUN = JSON.stringify({ name: 'load', steps: [{ id: 'a', type: 'set', values: { x: 1 } }] });

interface Load {
  readonly p99Ms: number;
  readonly perSecond: number;
}

/** Each client makes its calls one after the other; what `act` answers `true` for counts for p99. */
async function under(call: (caller: number, turn: number) => Promise<boolean>): Promise<Load> {
  const timesMs: number[] = [];
  const from = performance.now();
  const clients = Array.from({ length: CLIENTS }, async (_, caller) => {
    for (let turn = 0; turn < CALLS; turn += 1) {
      const beginMs = performance.now();
      if (await call(caller, turn)) timesMs.push(performance.now() - beginMs);
    }
  });
  await Promise.all(clients);
  const seconds = (performance.now() - from) / 1_000;
  return { p99Ms: quantile(timesMs, 0.99), perSecond: (CLIENTS * CALLS) / seconds };
}

/** With connections of its own: a server may close those that were left alone. */
async function withClient(server: Served, load: (client: Client) => Promise<Load>): Promise<Load> {
  const own = client(server);
  try {
    return await load(own);
  } finally {
    own.close();
  }
}

const ofBelay = (server: Served): Promise<Load> =>
  withClient(server, async (belay) => {
    const { run_id } = await belay.call('workflow_execute', { definition: RUN });
    return under(async (caller, turn) => {
      const isPoll = (caller + turn) % EXECUTE_EVERY !== 0;
      await (isPoll
        ? belay.call('workflow_status', { run_id })
        : belay.call('workflow_execute', { definition: RUN, wait_seconds: 0 }));
      return isPoll;
    });
  });

const ofBare = (server: Served): Promise<Load> =>
  withClient(server, (bare) =>
    under(async () => {
      await bare.call('nothing', {});
      return true;
    }),
  );

export const httpLoad: Measure = {
  name: 'http-load',
  aim: '<= 2',
  async run() {
    const [belay, bare] = await Promise.all([belayServed(), bareServed()]);
    try {
      // once to warm up, then once to count
      await ofBare(bare);
      await ofBelay(belay);
      const [theirs, ours] = [await ofBare(bare), await ofBelay(belay)];
      const text = ({ p99Ms, perSecond }: Load) =>
        `p99 ${p99Ms.toFixed(0)} ms, ${perSecond.toFixed(0)} calls/s`;
      return {
        ratio: ours.p99Ms / theirs.p99Ms,
        detail: `${CLIENTS} clients: ${text(ours)}; bare: ${text(theirs)}`,
      };
    } finally {
      await Promise.all([belay.end(), bare.end()]);
    }
  },
};
