/**
 * 1,000 readers of the events of all runs: from the call that starts a run until the last of them has seen its end, against as
 * many readers of a bare stream on Hono that is told one line for each event.
 */
import { Agent, get } from 'node:http';
import { type Measure, median } from './measure.ts';
import { bareServed, belayServed, post, type Served, share } from './served.ts';

const READERS = share(1_000);
const ROUNDS = 9;
const RUN = {
  definition: { name: 'told', steps: [{ id: 'a', type: 'set', values: { x: 1 } }] },
  wait_seconds: 0,
};
/** What such a run appends. */
const EVENTS = 6;

interface Readers {
  /** Resolves when every reader has seen `sign` once more. */
  all(): Promise<void>;
  leave(): void;
}

async function readers(url: string, sign: string): Promise<Readers> {
  const agent = new Agent({ keepAlive: false });
  const seen = new Array<number>(READERS).fill(0);
  let round = 0;
  let left = 0;
  let done = () => {};
  const open = (index: number) =>
    new Promise<() => void>((resolve, reject) => {
      const request = get(url, { agent }, (response) => {
        let rest = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          const pieces = (rest + piece).split(sign);
          rest = (pieces.at(-1) ?? '').slice(-sign.length);
          if (pieces.length === 1) return;
          seen[index] = (seen[index] ?? 0) + pieces.length - 1;
          if (seen[index] === round) left -= 1;
          if (left === 0) done();
        });
        response.on('error', () => {});
        resolve(() => request.destroy());
      });
      request.on('error', reject);
    });
  const leave = await Promise.all(Array.from({ length: READERS }, (_, index) => open(index)));
  return {
    all: () =>
      new Promise((resolve) => {
        round += 1;
        left = READERS;
        done = resolve;
      }),
    leave: () => {
      for (const each of leave) each();
    },
  };
}

/** Milliseconds from `tell` until the last reader has seen it; the median of some rounds. */
async function spread(
  server: Served,
  path: string,
  sign: string,
  tell: (agent: Agent) => Promise<void>,
): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const all = await readers(`${server.url}${path}`, sign);
  try {
    const timesMs: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const arrived = all.all();
      const from = performance.now();
      await tell(agent);
      await arrived;
      if (round > 0) timesMs.push(performance.now() - from);
    }
    return median(timesMs);
  } finally {
    all.leave();
    agent.destroy();
  }
}

export const httpSubscribers: Measure = {
  name: 'http-subscribers',
  aim: '<= 3',
  async run() {
    const [belay, bare] = await Promise.all([belayServed(), bareServed()]);
    try {
      const oursMs = await spread(belay, '/api/v1/events', 'event: run.finished', async (agent) => {
        await post(`${belay.url}/api/v1/runs`, RUN, agent);
      });
      const baselineMs = await spread(bare, '/events', '"last":true', async (agent) => {
        for (let event = 1; event <= EVENTS; event += 1)
          await post(`${bare.url}/tell`, { filler: 'x'.repeat(200), last: event === EVENTS }, agent);
      });
      const detail = `${oursMs.toFixed(0)} ms until ${READERS} readers have seen a run end, ${baselineMs.toFixed(0)} ms bare`;
      return { ratio: oursMs / baselineMs, detail };
    } finally {
      await Promise.all([belay.end(), bare.end()]);
    }
  },
};
