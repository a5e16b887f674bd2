/**
 * 50 `belay mcp` on one data folder at once: each is started, runs a workflow to its end and is asked for it, against as many
 * that have a folder each. Every run must succeed, and every server must see all of them in the end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Measure, timed } from './measure.ts';
import { share } from './served.ts';

const SERVERS = share(50);
const RUN = JSON.stringify({ name: 'crowd', steps: [{ id: 'a', command: 'true' }] });
const BIN = join(import.meta.dirname, '..', 'bin', 'belay.js');

interface Session {
  // biome-ignore lint/suspicious/noExplicitAny: answers of any tool
  call(name: string, args: object): Promise<any>;
  end(): Promise<void>;
}

async function session(home: string): Promise<Session> {
  const child: ChildProcess = spawn(process.execPath, [BIN, 'mcp', '--home', home], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, (message: { result?: object; error?: object }) => void>();
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (text + piece).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line);
      waiting.get(message.id)?.(message);
    }
  });
  let id = 0;
  const send = (method: string, params: object) => {
    id += 1;
    const answer = new Promise<{ result?: object; error?: object }>((resolve) => waiting.set(id, resolve));
    child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return answer;
  };
  await send('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  });
  child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  return {
    async call(name, args) {
      const { result, error } = await send('tools/call', { name, arguments: args });
      const { isError, structuredContent } = (result ?? {}) as { isError?: true; structuredContent?: object };
      if (error || isError) throw new Error(`${name}: ${JSON.stringify(error ?? structuredContent)}`);
      return structuredContent;
    },
    end: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.stdin?.end();
      }),
  };
}

/** All of them, from the start to the end of each one's run. */
async function crowd(homeOf: (server: number) => string, sees: number): Promise<void> {
  await Promise.all(
    Array.from({ length: SERVERS }, async (_, server) => {
      const own = await session(homeOf(server));
      const { status } = await own.call('workflow_execute', { definition: RUN, wait_seconds: 300 });
      if (status !== 'succeeded') throw new Error(`a run ended ${status}`);
      const { runs } = await own.call('workflow_history', { limit: 200 });
      if (runs.length < 1 || runs.length > sees)
        throw new Error(`expected up to ${sees} runs, found ${runs.length}`);
      await own.end();
    }),
  );
}

export const stdioCrowd: Measure = {
  name: 'stdio-crowd',
  aim: '<= 1.5',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'belay-bench-'));
    try {
      const baselineMs = await timed(() => crowd((server) => join(folder, `own-${server}`), 1));
      const oursMs = await timed(() => crowd(() => join(folder, 'shared'), SERVERS));
      const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
      const detail = `${SERVERS} servers: ${seconds(oursMs)} on one folder, ${seconds(baselineMs)} on one each`;
      return { ratio: oursMs / baselineMs, detail };
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  },
};
