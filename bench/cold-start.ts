/** From spawn to the answer of tools/list: `belay mcp` against a minimal SDK v2 server with one tool. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measure } from './measure.ts';
import { paired } from './measure.ts';

const ROUNDS = 9;
const MESSAGES = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/list' },
];

/** Resolves with the answer of tools/list; the server is ended after that. */
function untilListed(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the server ended before it answered')));
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (!/"id":2[,}]/.test(text)) return;
      resolve();
      child.removeAllListeners('exit');
      child.kill();
    });
    for (const message of MESSAGES) child.stdin?.write(`${JSON.stringify(message)}\n`);
  });
}

const start = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });

export const coldStart: Measure = {
  name: 'cold-start',
  aim: '<= 1.5',
  async run() {
    const home = mkdtempSync(join(tmpdir(), 'belay-bench-'));
    const belay = join(import.meta.dirname, '..', 'bin', 'belay.js');
    const minimal = join(import.meta.dirname, 'minimal-server.ts');
    try {
      const { ratio, oursMs, baselineMs } = await paired(
        ROUNDS,
        () => untilListed(start([belay, 'mcp', '--home', home])),
        () => untilListed(start([minimal])),
      );
      return {
        ratio,
        detail: `${oursMs.toFixed(0)} ms against ${baselineMs.toFixed(0)} ms of a minimal server`,
      };
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
};
