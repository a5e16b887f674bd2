/** The real server on a scratch data folder and a free port, in this process, and requests that are sent as written. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ok } from '../../../src/engine/core/failure.ts';
import type { HttpBounds } from '../../../src/http/bounds.ts';
import { KeyFolder } from '../../../src/http/keys/key-folder.ts';
import type { TokenIssuer } from '../../../src/http/keys/token-verifier.ts';
import { type HttpServer, serveHttp } from '../../../src/http/serve-http.ts';
import { belayPrompts } from '../../../src/mcp/belay-prompts.ts';
import { belayResources } from '../../../src/mcp/belay-resources.ts';
import type { Role } from '../../../src/tools/access.ts';
import { tools } from '../../../src/tools/catalogue.ts';
import type { Tool } from '../../../src/tools/tool.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

export interface Sent {
  readonly key?: string | undefined;
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
}

export interface Got {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
  readonly json: any;
}

export interface ScratchServer extends Scratch {
  readonly server: HttpServer;
  readonly keys: KeyFolder;
  /** A new key with these roles. */
  key(...roles: readonly Role[]): string;
  /** The path goes out as it stands here. */
  send(method: string, path: string, sent?: Sent): Promise<Got>;
  /** Bytes on a socket; resolves with all that came back when the server has closed it. */
  raw(bytes: string): Promise<string>;
  end(): Promise<void>;
}

export interface ScratchOptions {
  readonly bounds?: Partial<HttpBounds>;
  readonly tools?: readonly Tool[];
  readonly tokens?: TokenIssuer;
  readonly publicUrl?: string;
  readonly now?: () => number;
  readonly random?: () => number;
}

export async function scratchServer(options: ScratchOptions = {}): Promise<ScratchServer> {
  const scratch = scratchBelay();
  const open = async () => ok(scratch.belay);
  const served = await serveHttp({
    home: join(scratch.folder, 'home'),
    open,
    tools,
    resources: belayResources(open),
    prompts: belayPrompts(open),
    version: '0.0.0',
    cwd: scratch.folder,
    host: '127.0.0.1',
    port: 0,
    ...options,
  });
  if (!served.ok) throw new Error(served.error.message);
  const server = served.value;
  const keys = new KeyFolder(scratch.belay.home, options.now);
  const { port } = new URL(server.url);
  let made = 0;
  return {
    ...scratch,
    server,
    keys,
    key(...roles) {
      made += 1;
      const added = keys.add({ name: `${roles.join('-')}-${made}`, roles });
      if (!added.ok) throw new Error(added.error.message);
      return added.value.token;
    },
    send: (method, path, sent = {}) => send(Number(port), method, path, sent),
    raw: (bytes) => raw(Number(port), bytes),
    async end() {
      server.close();
      server.close();
      await server.closed;
      scratch.close();
    },
  };
}

function send(port: number, method: string, path: string, { key, body, headers }: Sent): Promise<Got> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      agent: false,
      headers: {
        ...(text !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        }),
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...headers,
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let got = '';
      if (response.headers['content-type'] === 'text/event-stream') {
        // it has no end
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: '', json: undefined });
        response.on('error', () => {});
        return request.destroy();
      }
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        got += piece;
      });
      response.on('error', reject);
      response.on('end', () => {
        const isJson = /json/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: got,
          json: isJson && got !== '' ? JSON.parse(got) : undefined,
        });
      });
    });
    request.end(text);
  });
}

function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (piece: string) => {
      got += piece;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
  });
}
