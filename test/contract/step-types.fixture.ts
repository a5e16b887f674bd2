/**
 * A Belay with everything that steps reach for: a web server that is also a model and an MCP server, an OpenSSH server
 * where there is one, a `claude` on the PATH, a workflow to call. Opened once, for the whole battery.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ReadableStream } from 'node:stream/web';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../src/engine/core/model.ts';
import type { RunView } from '../../src/tools/run-view-schema.ts';
import { type Scratch, scratchBelay } from '../fixtures/scratch-belay.ts';
import { viewOf } from '../fixtures/view-of.ts';
import { openai, type SeenRequest, silence, status } from '../unit/steps/agent/model-server.ts';
import { oddServer } from '../unit/steps/mcp/odd-server.ts';
import { hasSshd, type SshServer, startSshd } from '../unit/steps/ssh/start-sshd.ts';

/** Prints a result, an error, or nothing ever, as the prompt on its standard input says. */
const CLAUDE = `#!/bin/sh
case $(cat) in
  *hangs*) exec sleep 1000 ;;
  *fails*) echo '{"type":"result","subtype":"error_during_execution","is_error":true,"result":"no"}'; exit 1 ;;
  *) echo '{"type":"result","subtype":"success","is_error":false,"num_turns":1,"result":"done"}' ;;
esac
`;

const INNER = {
  name: 'inner',
  inputs: { mode: { type: 'string', required: true }, notes: { type: 'string', required: true } },
  steps: [
    {
      id: 'work',
      command:
        'case {{ inputs.mode }} in fails) touch inner; exit 3 ;; hangs) exec sleep 1000 ;; *) touch inner ;; esac',
      undo: 'echo inner >> {{ inputs.notes }}; rm -f inner',
    },
  ],
};

/** Where a run is over, or stands still. */
const AT_REST = ['succeeded', 'partial', 'failed', 'cancelled', 'rolled_back', 'stuck', 'paused'];
export const isAtRest = ({ status }: RunView): boolean => AT_REST.includes(status);

export interface StepWorld {
  readonly scratch: Scratch;
  readonly origin: string;
  readonly ssh: SshServer | undefined;
  /** Requests and logins so far: all that steps have done elsewhere. */
  touches(): number;
  /** Requests that have not been answered yet, and whose callers still wait. */
  waiting(): number;
  /** An empty directory for a run. */
  folder(): string;
  /** A run of the definition in that directory; it is left alone from here. */
  start(cwd: string, definition: JsonObject): Promise<string>;
  /** Answers all that is asked, until the run is over or stands still. */
  end(runId: string, answer: JsonObject | undefined): Promise<RunView>;
  close(): Promise<void>;
}

export async function stepWorld(): Promise<StepWorld> {
  const scratch = scratchBelay();
  const web = await webServer();
  const ssh = hasSshd ? await startSshd({ folder: mkdtempSync(join(scratch.folder, 'ssh-')) }) : undefined;
  const path = process.env.PATH;
  process.env.PATH = `${programs(scratch.folder)}:${path}`;
  mkdirSync(join(scratch.folder, '.belay/workflows'), { recursive: true });
  writeFileSync(join(scratch.folder, '.belay/workflows/inner.yaml'), JSON.stringify(INNER));
  return {
    scratch,
    ssh,
    origin: web.origin,
    touches: () => web.touches() + (ssh?.logins() ?? 0),
    waiting: web.waiting,
    folder: () => mkdtempSync(join(scratch.folder, 'run-')),
    async start(cwd, definition) {
      const given = { definition: JSON.stringify(definition), cwd, wait_seconds: 0 };
      const answer = await scratch.call('workflow_execute', given);
      return viewOf(answer).run_id;
    },
    end: (runId, answer) => end(scratch, runId, answer),
    async close() {
      process.env.PATH = path;
      web.close();
      await ssh?.stop();
      scratch.close();
    },
  };
}

function programs(parent: string): string {
  const folder = join(parent, 'programs');
  mkdirSync(folder);
  writeFileSync(join(folder, 'claude'), CLAUDE);
  chmodSync(join(folder, 'claude'), 0o755);
  return folder;
}

async function end(scratch: Scratch, runId: string, answer: JsonObject | undefined): Promise<RunView> {
  for (;;) {
    const view = await scratch.until(runId, (now) => isAtRest(now) || now.questions.length > 0);
    if (isAtRest(view)) return view;
    for (const { run_id = runId, question_id } of view.questions)
      viewOf(await scratch.call('workflow_answer', { run_id, question_id, answer }, true));
  }
}

/** Answers `/ok` and `/fail`, never `/hang`; `/v1` is a model and `/mcp` an MCP server. */
async function webServer() {
  let touches = 0;
  let waiting = 0;
  const mcp = createMcpHandler(oddServer({ description: 'Greets somebody' }), { legacy: 'stateless' });
  const server = http.createServer(async (request, response) => {
    touches += 1;
    waiting += 1;
    response.once('close', () => {
      waiting -= 1;
    });
    const body = await text(request);
    const { url = '' } = request;
    if (url.startsWith('/mcp')) await asMcp(mcp, request, response, body);
    else if (url.startsWith('/v1')) asModel(response, body);
    else if (url === '/ok') response.end('{"n":1}');
    else if (url === '/fail') response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    touches: () => touches,
    waiting: () => waiting,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function asModel(response: ServerResponse, body: string): void {
  const seen: SeenRequest = { path: '/v1/chat/completions', headers: {}, body: JSON.parse(body) };
  const parts = { works: openai({ text: '{"b":"x"}' }), fails: status(400), hangs: silence };
  parts[seen.body.model as keyof typeof parts](response, seen);
}

async function asMcp(
  mcp: ReturnType<typeof createMcpHandler>,
  { method = 'GET', headers }: IncomingMessage,
  response: ServerResponse,
  body: string,
): Promise<void> {
  const sent = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]);
  const init = { method, headers: sent, ...(body !== '' && { body }) };
  const answer = await mcp.fetch(new Request('http://127.0.0.1/mcp', init));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body) Readable.fromWeb(answer.body as ReadableStream).pipe(response);
  else response.end();
}

/** Everything below the folder, by path. */
export const filesIn = (folder: string): readonly string[] =>
  (readdirSync(folder, { recursive: true }) as string[]).sort();

/** Processes that work in the folder, or below it. */
export function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || !existsSync(`/proc/${name}`)) return false;
    try {
      return readlinkSync(`/proc/${name}/cwd`).startsWith(folder);
    } catch {
      // it has ended meanwhile, or belongs to somebody else
      return false;
    }
  });
}

/** Looks again until it holds; a test that waits in vain runs out of time. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
