/** The view of a run in a window that is made of nothing but what it may use: text, elements, messages to its host. */
import { runInNewContext } from 'node:vm';
import { Client } from '@modelcontextprotocol/client';
import { AppBridge } from '@modelcontextprotocol/ext-apps/app-bridge';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { serveConnection } from '../../../src/mcp/connection.ts';
import { RUN_VIEW_PAGE } from '../../../src/mcp/view/run-view-page.ts';
import { tools } from '../../../src/tools/catalogue.ts';
import { scratchBelay } from '../../fixtures/scratch-belay.ts';

interface Posted {
  readonly id?: number;
  readonly method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
  readonly params?: any;
  readonly result?: object;
  readonly error?: { readonly code: number };
}

/** An element knows text and other elements; there is no way to give it markup. */
class Element {
  className = '';
  disabled = false;
  readonly style = { setProperty: () => {} };
  readonly children: (Element | string)[] = [];
  readonly clicks: (() => void)[] = [];
  readonly tag: string;

  constructor(tag: string) {
    this.tag = tag;
  }

  get textContent(): string {
    return this.children.map((each) => (typeof each === 'string' ? each : each.textContent)).join('');
  }

  set textContent(text: string) {
    this.children.splice(0, Number.POSITIVE_INFINITY, text);
  }

  append(...more: (Element | string)[]): void {
    this.children.push(...more);
  }

  replaceChildren(...more: (Element | string)[]): void {
    this.children.splice(0, Number.POSITIVE_INFINITY, ...more);
  }

  addEventListener(_event: string, call: () => void): void {
    this.clicks.push(call);
  }

  all(tag: string): Element[] {
    return this.children.flatMap((each) =>
      typeof each === 'string' ? [] : [...(each.tag === tag ? [each] : []), ...each.all(tag)],
    );
  }
}

interface Host {
  postMessage(message: Posted): void;
}

/** Runs the script of the page; what the host says to it goes through `say`. */
function openView(host: Host) {
  const page = new Element('main');
  let say: (data: object, source?: unknown) => void = () => {};
  const script = /<script>([\s\S]*)<\/script>/.exec(RUN_VIEW_PAGE)?.[1] ?? '';
  const document = {
    body: new Element('body'),
    documentElement: { scrollHeight: 10, scrollWidth: 20, style: { setProperty: () => {} } },
    getElementById: () => page,
    createElement: (tag: string) => new Element(tag),
  };
  const window = {
    parent: host,
    addEventListener: (_event: string, call: (event: object) => void) => {
      say = (data, source = host) => call({ source, data: { jsonrpc: '2.0', ...data } });
    },
  };
  class ResizeObserver {
    readonly #call: () => void;
    constructor(call: () => void) {
      this.#call = call;
    }
    observe(): void {
      this.#call();
    }
  }
  runInNewContext(script, { document, window, ResizeObserver, setTimeout });
  return { page, say };
}

let page: Element;
let posted: Posted[];
let say: (data: object, source?: unknown) => void;

beforeEach(() => {
  posted = [];
  const host = { postMessage: (message: Posted) => void posted.push(JSON.parse(JSON.stringify(message))) };
  const view = openView(host);
  page = view.page;
  say = view.say;
});

const HOSTILE = '<img src=x onerror=alert(1)>';
const run = (status: string) => ({
  run_id: 'r-1',
  workflow: HOSTILE,
  status,
  progress: { done: 1, total: 2 },
  steps: [
    { id: HOSTILE, type: 'shell', status: 'failed', attempts: 1, error: { message: HOSTILE }, log: HOSTILE },
  ],
  questions: [
    {
      question_id: 'q',
      prompt: HOSTILE,
      context: HOSTILE,
      step: 'a',
      asked_of: 'human',
      how_to_answer: HOSTILE,
    },
  ],
  outputs: { [HOSTILE]: HOSTILE },
  artifacts: [{ name: HOSTILE, size: 1 }],
  warnings: [HOSTILE],
});

const begin = async (hostCapabilities: object) => {
  const first = posted.find(({ method }) => method === 'ui/initialize');
  say({
    id: first?.id,
    result: { protocolVersion: '2026-01-26', hostCapabilities, hostContext: { theme: 'dark' } },
  });
  await expect.poll(() => posted.at(-1)?.method).toBe('ui/notifications/initialized');
};
const shown = (status: string) =>
  say({ method: 'ui/notifications/tool-result', params: { structuredContent: run(status) } });

describe('the view of a run', () => {
  it('needs nothing from elsewhere', () => {
    expect(RUN_VIEW_PAGE).not.toMatch(
      /https?:|\bsrc=|\bhref=|@import|url\(|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(/,
    );
  });

  it('introduces itself, and shows whatever a run holds as text', async () => {
    expect(posted.map(({ method }) => method)).toEqual(['ui/notifications/size-changed', 'ui/initialize']);
    await begin({});
    shown('succeeded');
    expect(page.textContent.split(HOSTILE).length - 1).toBe(11);
    expect(page.all('img')).toEqual([]);
    expect(page.all('li')).toHaveLength(1);
  });

  it('follows a run to its end, and asks only for its status', async () => {
    await begin({ serverTools: {} });
    shown('running');
    const look = posted.at(-1);
    expect(look).toMatchObject({
      method: 'tools/call',
      params: { name: 'workflow_status', arguments: { run_id: 'r-1' } },
    });
    say({ id: look?.id, result: { structuredContent: run('succeeded') } });
    await expect.poll(() => page.all('span')[0]?.textContent).toBe('succeeded');
    expect(posted.at(-1)).toEqual(look);
    expect(page.all('button')).toEqual([]);
  });

  it('cancels after a second click only', async () => {
    await begin({ serverTools: {} });
    shown('running');
    const before = posted.length;
    const [button] = page.all('button');
    button?.clicks[0]?.();
    expect(posted.length).toBe(before);
    button?.clicks[0]?.();
    expect(posted.at(-1)).toMatchObject({
      params: { name: 'workflow_cancel', arguments: { run_id: 'r-1' } },
    });
  });

  it('listens to its host only, and shows one run only', async () => {
    await begin({});
    say(
      { method: 'ui/notifications/tool-result', params: { structuredContent: run('failed') } },
      { other: true },
    );
    expect(page.textContent).toBe('');
    shown('failed');
    const other = { ...run('succeeded'), run_id: 'r-2' };
    say({ method: 'ui/notifications/tool-result', params: { structuredContent: other } });
    expect(page.all('span')[0]?.textContent).toBe('failed');
  });

  it('answers its host, also what it does not know', async () => {
    await begin({});
    say({ id: 71, method: 'ui/resource-teardown', params: {} });
    say({ id: 72, method: 'constructor', params: {} });
    expect(posted.slice(-2)).toMatchObject([
      { id: 71, result: {} },
      { id: 72, error: { code: -32_601 } },
    ]);
  });

  it("follows a real run through the extension's own host", async () => {
    const scratch = scratchBelay();
    const leaving = new AbortController();
    const [clientSide, transport] = InMemoryTransport.createLinkedPair();
    const open = async () => ok(scratch.belay);
    const served = { home: scratch.belay.home, open, tools, version: '0.0.0', cwd: scratch.folder };
    serveConnection(transport, { ...served, leaving: leaving.signal });
    const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(clientSide);
    const bridge = new AppBridge(client, { name: 'host', version: '1' }, { serverTools: {} });
    const [bridgeSide, viewSide] = InMemoryTransport.createLinkedPair();
    const initialized = new Promise<void>((resolve) => {
      bridge.oninitialized = () => resolve();
    });
    await bridge.connect(bridgeSide);
    await viewSide.start();
    const host = { postMessage: (message: Posted) => void viewSide.send(message as never) };
    const view = openView(host);
    viewSide.onmessage = (message) => view.say(message);
    await initialized;
    const definition = { name: 'held', steps: [{ id: 'go', type: 'wait', signal: 'go' }] };
    const call = { name: 'workflow_execute', arguments: { definition, wait_seconds: 0 } };
    const result = (await client.callTool(call)) as { structuredContent?: { run_id?: string } };
    await bridge.sendToolResult(result as never);
    await expect.poll(() => view.page.textContent, { timeout: 20_000 }).toContain('held');
    const run_id = result.structuredContent?.run_id;
    await client.callTool({ name: 'workflow_answer', arguments: { run_id, signal: 'go' } });
    await expect.poll(() => view.page.all('span')[0]?.textContent, { timeout: 20_000 }).toBe('succeeded');
    await bridge.close();
    await client.close();
    leaving.abort();
    scratch.close();
  });
});
