/** Clients that open addresses: what no form can ask is answered on the page of the server, and the call goes on. */
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  ElicitationCompleteNotificationSchema,
  ElicitRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personCode } from '../../../src/http/questions/person-code.ts';
import { QuestionAddress } from '../../../src/http/questions/question-address.ts';
import { browser } from './question-browser.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

interface Asked {
  readonly mode?: string;
  readonly message: string;
  readonly url?: string;
  readonly elicitationId?: string;
}

/** What the client does when it is asked. */
type OnAsked = (asked: Asked) => Promise<{ action: string; content?: object }>;

interface Connected {
  readonly asked: Asked[];
  /** Ids of what the server has called complete. */
  readonly complete: string[];
  execute(definition: {
    readonly [key: string]: unknown;
  }): Promise<{ status?: string; run_id?: string; questions?: object[] }>;
  close(): Promise<void>;
}

const INFO = { name: 'test-client', version: '1.0.0' };
const YES = { 'answer.approved': 'true' };
const APPROVAL = {
  name: 'approve',
  steps: [
    { id: 'go', type: 'approval', message: 'Release it?' },
    { id: 'after', type: 'input', message: 'How many?', fields: { count: { type: 'integer' } } },
  ],
};
const ONE = { name: 'one', steps: APPROVAL.steps.slice(0, 1) };

type Empty = { readonly [key: string]: never };
type Connect = (
  elicitation: { readonly form?: Empty; readonly url?: Empty },
  onAsked: OnAsked,
  key?: string,
) => Promise<Connected>;

let local: ScratchServer;
let keyed: ScratchServer;
let approver: string;
let operator: string;
beforeAll(async () => {
  [local, keyed] = await Promise.all([scratchServer(), scratchServer()]);
  approver = keyed.key('approver');
  operator = keyed.key('author');
});
afterAll(() => Promise.all([local.end(), keyed.end()]));

const placeOf = (key: string | undefined) => ({
  url: new URL(`${(key === undefined ? local : keyed).server.url}/mcp`),
  options: { requestInit: { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } } },
});

const connectLegacy: Connect = async (elicitation, onAsked, key) => {
  const [asked, complete]: [Asked[], string[]] = [[], []];
  const client = new LegacyClient(INFO, { capabilities: { elicitation: { ...elicitation } } });
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    asked.push(params as Asked);
    return (await onAsked(params as Asked)) as never;
  });
  client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params }) => {
    complete.push(params.elicitationId);
  });
  const { url, options } = placeOf(key);
  await client.connect(new LegacyTransport(url, options) as never);
  return {
    asked,
    complete,
    execute: async (definition) => {
      const call = { name: 'workflow_execute', arguments: { definition } };
      const { structuredContent } = await client.callTool(call, CallToolResultSchema);
      return structuredContent as object;
    },
    close: () => client.close(),
  };
};

const connectModern: Connect = async (elicitation, onAsked, key) => {
  const asked: Asked[] = [];
  const client = new ModernClient(INFO, {
    capabilities: { elicitation: { ...elicitation } },
    versionNegotiation: { mode: 'auto' },
  });
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    asked.push(params as Asked);
    return (await onAsked(params as Asked)) as never;
  });
  const { url, options } = placeOf(key);
  await client.connect(new ModernTransport(url, options));
  expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
  return {
    asked,
    complete: [],
    execute: async (definition) => {
      const { structuredContent } = await client.callTool({
        name: 'workflow_execute',
        arguments: { definition },
      });
      return structuredContent as object;
    },
    close: () => client.close(),
  };
};

const answersOf = (scratch: ScratchServer, runId: string | undefined) => {
  const read = scratch.belay.journal.read(runId ?? '');
  return read.ok
    ? read.value.flatMap(({ event }) => (event.type === 'question.answered' ? [event] : []))
    : [];
};

describe.each([
  ['2025-11-25', connectLegacy, true],
  ['2026-07-28', connectModern, false],
] as const)('a client of %s', (_, connect, isTold) => {
  it('is sent to the page of each question, one after the other', async () => {
    const client = await connect({ url: {} }, async ({ url = '', message }) => {
      // the person takes their time: the client has long said that the page is open
      const answers = message.includes('Release') ? YES : { 'answer.count': '7' };
      setImmediate(() => void browser().answer(url, personCode(local.belay.home, Date.now()), answers));
      return { action: 'accept' };
    });
    const view = await client.execute(APPROVAL);
    expect(view).toMatchObject({ status: 'succeeded' });
    expect(client.asked).toMatchObject([
      { mode: 'url', url: `${local.server.url}/questions/${view.run_id}/q1-go` },
      { mode: 'url', url: `${local.server.url}/questions/${view.run_id}/q2-after` },
    ]);
    expect(answersOf(local, view.run_id)).toMatchObject([
      { answer: { approved: true }, via: 'form' },
      { answer: { count: 7 }, via: 'form' },
    ]);
    expect(answersOf(local, view.run_id).every(({ by }) => by.startsWith('page:'))).toBe(true);
    const ids = client.asked.map(({ elicitationId }) => elicitationId);
    expect(client.complete).toEqual(isTold ? ids : []);
    expect(ids.every((id) => (id !== undefined) === isTold)).toBe(true);
    await client.close();
  });

  it.each(['decline', 'cancel'])('answers nothing by %s', async (action) => {
    const client = await connect({ url: {} }, async () => ({ action }));
    const view = await client.execute(ONE);
    expect(view).toMatchObject({ status: 'waiting', questions: [{ question_id: 'q1-go' }] });
    expect(answersOf(local, view.run_id)).toEqual([]);
    expect(client.complete).toEqual([]);
    await client.close();
  });

  it('cannot answer with what it says of the page', async () => {
    const client = await connect({ url: {} }, async ({ url = '' }) => {
      const [runId = ''] = /r-[^/]+/.exec(url) ?? [];
      setImmediate(() => void local.call('workflow_cancel', { run_id: runId }));
      return { action: 'accept', content: { approved: true } };
    });
    const view = await client.execute(ONE);
    expect(view).toMatchObject({ status: 'cancelled' });
    expect(answersOf(local, view.run_id)).toEqual([]);
    await client.close();
  });

  it('shows a form where it can', async () => {
    const client = await connect({ form: {}, url: {} }, async () => ({
      action: 'accept',
      content: { approved: true },
    }));
    expect(await client.execute(ONE)).toMatchObject({ status: 'succeeded' });
    expect(client.asked).toMatchObject([{ mode: 'form' }]);
    await client.close();
  });

  it('whose key speaks for nobody is sent to the page, and does not get in there', async () => {
    const refused: number[] = [];
    const client = await connect(
      { form: {}, url: {} },
      async ({ url = '' }) => {
        refused.push((await browser().post(url, { proof: operator })).status);
        setImmediate(() => void browser().answer(url, approver, YES));
        return { action: 'accept' };
      },
      operator,
    );
    const view = await client.execute(ONE);
    expect(view).toMatchObject({ status: 'succeeded' });
    expect(client.asked).toMatchObject([{ mode: 'url' }]);
    expect(refused).toEqual([403]);
    expect(answersOf(keyed, view.run_id)).toMatchObject([{ by: 'http:approver-1' }]);
    await client.close();
  });
});

it('names the address that browsers know', async () => {
  const publicUrl = 'https://belay.example.com';
  const scratch = await scratchServer({ publicUrl });
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': INFO,
    'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } },
  };
  const params = { _meta, name: 'workflow_execute', arguments: { definition: ONE } };
  const { text } = await scratch.send('POST', '/mcp', {
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
    headers: {
      accept: 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'workflow_execute',
    },
  });
  const [url = ''] = /https:[^"]+/.exec(text) ?? [];
  expect(url).toMatch(/^https:\/\/belay\.example\.com\/questions\/r-[^/]+\/q1-go$/);
  const entered = await scratch.send('POST', new URL(url).pathname, {
    body: new URLSearchParams({ proof: personCode(scratch.belay.home, Date.now()) }).toString(),
    headers: {
      host: 'belay.example.com',
      origin: publicUrl,
      'content-type': 'application/x-www-form-urlencoded',
    },
  });
  expect([entered.status, String(entered.headers['set-cookie'])]).toEqual([
    303,
    expect.stringMatching(/; Secure/),
  ]);
  await scratch.end();
});

it('names no address that means every one of a machine', () => {
  for (const [publicUrl, listens, base] of [
    [undefined, 'http://0.0.0.0:1', undefined],
    [undefined, 'http://[::]:1', undefined],
    [undefined, 'http://127.0.0.1:1', 'http://127.0.0.1:1'],
    ['https://a.example', 'http://0.0.0.0:1', 'https://a.example'],
  ] as const) {
    const address = new QuestionAddress(publicUrl);
    address.listens(listens);
    expect(address.of('r', 'q')).toBe(base && `${base}/questions/r/q`);
  }
});
