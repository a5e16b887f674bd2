/** A server in a process of its own, and calls over kept connections: what the load measures have in common. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server';

const REVISION = '2026-07-28';

/** Share of the full load, for a look on a busy machine. */
export const share = (full: number): number =>
  Math.max(1, Math.round(full * Number(process.env.BENCH_SHARE ?? 1)));

export interface Served {
  readonly url: string;
  end(): Promise<void>;
}

/** A process that prints `{"url": …}` as soon as it serves. */
function served(args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the server ended before it served')));
    child.stdout?.on('data', (piece: Buffer) => {
      text += piece.toString();
      const url = /"url":\s*"([^"]+)"/.exec(text)?.[1];
      if (url !== undefined) resolve({ url, end: () => endOf(child, ended) });
    });
  });
}

function endOf(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.removeAllListeners('exit');
  child.kill('SIGTERM');
  return Promise.race([ended, new Promise<void>((resolve) => child.once('exit', () => resolve()))]);
}

/** `belay serve` on a folder of its own, which goes with it. */
export async function belayServed(): Promise<Served> {
  const home = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  const bin = join(import.meta.dirname, '..', 'bin', 'belay.js');
  const server = await served([bin, 'serve', '--home', home, '--port', '0', '--json']);
  return {
    url: server.url,
    async end() {
      await server.end();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export const bareServed = (): Promise<Served> => served([join(import.meta.dirname, 'bare-http-server.ts')]);

export interface Client {
  /** Calls a tool over MCP of 2026-07-28; the structured answer. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of any tool
  call(tool: string, args: object): Promise<any>;
  close(): void;
}

/** With as many connections as it is used for at once. */
export function client({ url }: Served): Client {
  const agent = new Agent({ keepAlive: true });
  let id = 0;
  return {
    async call(tool, args) {
      id += 1;
      const _meta = {
        [PROTOCOL_VERSION_META_KEY]: REVISION,
        [CLIENT_INFO_META_KEY]: { name: 'bench', version: '1' },
        [CLIENT_CAPABILITIES_META_KEY]: {},
      };
      const message = {
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name: tool, arguments: args, _meta },
      };
      const text = await post(`${url}/mcp`, message, agent, {
        'mcp-protocol-version': REVISION,
        'mcp-method': 'tools/call',
        'mcp-name': tool,
      });
      const { result, error } = JSON.parse(
        text.startsWith('{') ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? '{}'),
      );
      if (error || !result || result.isError) throw new Error(`${tool}: ${text.slice(0, 300)}`);
      return result.structuredContent;
    },
    close: () => agent.destroy(),
  };
}

export function post(
  url: string,
  body: object,
  agent: Agent,
  headers: { readonly [name: string]: string } = {},
): Promise<string> {
  const bytes = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'content-length': Buffer.byteLength(bytes),
        ...headers,
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    sent.end(bytes);
  });
}

/** Value below which that share of the others lies. */
export function quantile(values: readonly number[], of: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? Number.NaN;
}
