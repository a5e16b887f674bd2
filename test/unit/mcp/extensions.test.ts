/** Lists, skills, views and completion, seen by the clients of both eras over a real Belay. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { SkillsClient } from '@modelcontextprotocol/client/ext/skills';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { PromptListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { belayPrompts } from '../../../src/mcp/belay-prompts.ts';
import { belayResources } from '../../../src/mcp/belay-resources.ts';
import { serveConnection } from '../../../src/mcp/connection.ts';
import { tools } from '../../../src/tools/catalogue.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

const INFO = { name: 'test-client', version: '1.0.0' };
const VIEWS = { extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } } };
const VIEW_URI = 'ui://belay/run';

let scratch: Scratch;
const leaving = new AbortController();
const closes: (() => Promise<void>)[] = [];
beforeAll(() => {
  scratch = scratchBelay();
  mkdirSync(folder(), { recursive: true });
});
afterAll(async () => {
  for (const close of closes) await close();
  leaving.abort();
  scratch.close();
});

const folder = () => join(scratch.folder, '.belay', 'workflows');
const workflow = (name: string, more = '') =>
  writeFileSync(
    join(folder(), `${name}.yaml`),
    `name: ${name}\ndescription: 'Says "hi": once'\n${more}steps: [{ id: a, command: "true" }]\n`,
  );

function serve(): InMemoryTransport {
  const [clientSide, transport] = InMemoryTransport.createLinkedPair();
  const open = async () => ok(scratch.belay);
  serveConnection(transport, {
    home: scratch.belay.home,
    open,
    tools,
    resources: belayResources(open),
    prompts: belayPrompts(open),
    version: '0.0.0',
    cwd: scratch.folder,
    leaving: leaving.signal,
  });
  return clientSide;
}

async function modern(capabilities: object = {}): Promise<ModernClient> {
  const client = new ModernClient(INFO, { capabilities, versionNegotiation: { mode: 'auto' } });
  await client.connect(serve());
  closes.push(() => client.close());
  return client;
}

async function legacy(capabilities: object = {}): Promise<LegacyClient> {
  const client = new LegacyClient(INFO, { capabilities });
  await client.connect(serve() as unknown as Parameters<LegacyClient['connect']>[0]);
  closes.push(() => client.close());
  return client;
}

describe('lists', () => {
  it('change under clients of both eras when a workflow is written', async () => {
    const [old, young] = [await legacy(), await modern()];
    const told: string[] = [];
    old.setNotificationHandler(PromptListChangedNotificationSchema, () => void told.push('old'));
    young.setNotificationHandler('notifications/prompts/list_changed', () => void told.push('young'));
    expect(old.getServerCapabilities()).toMatchObject({
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
    });
    await young.listen({ promptsListChanged: true });
    for (const client of [old, young])
      expect((await client.listPrompts()).prompts.map(({ name }) => name)).not.toContain('brand-new');
    workflow('brand-new');
    await expect.poll(() => [...told].sort(), { timeout: 20_000 }).toEqual(['old', 'young']);
    for (const client of [old, young])
      expect((await client.listPrompts()).prompts).toContainEqual(
        expect.objectContaining({ name: 'brand-new', title: 'Brand new' }),
      );
    rmSync(join(folder(), 'brand-new.yaml'));
  });

  it('say how long they hold, and show icons without an address', async () => {
    const client = await modern();
    expect(await client.listTools()).toMatchObject({ ttlMs: 3_600_000, cacheScope: 'public' });
    expect(await client.listResources()).toMatchObject({ ttlMs: 60_000, cacheScope: 'private' });
    const { tools: listed } = await client.listTools();
    for (const { icons, title, annotations, outputSchema } of listed) {
      expect(icons?.[0]?.src).toMatch(/^data:image\/svg\+xml;base64,/);
      expect(title).toBeTruthy();
      expect(annotations).toMatchObject({ readOnlyHint: expect.any(Boolean) });
      expect(outputSchema).toBeDefined();
    }
  });
});

it.each(['prompts/list', 'resources/list', 'resources/templates/list'] as const)(
  '%s has one page, and refuses a cursor that nobody gave',
  async (method) => {
    const client = await modern();
    await expect(client.request({ method, params: { cursor: 'made up' } })).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('cursor `made up` is not known'),
    });
  },
);

describe('completion', () => {
  it('knows the checkpoints of a run, which can be read', async () => {
    const steps = [{ id: 'make', command: 'echo x > x', checkpoint: true }];
    const { run_id } = await scratch.run({ name: 'marked', steps });
    const client = await modern();
    const uri = 'belay://runs/{run_id}/checkpoints/{checkpoint}';
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri },
      argument: { name: 'checkpoint', value: '' },
      context: { arguments: { run_id } },
    });
    const [id = ''] = completion.values;
    expect(id).not.toBe('');
    const { contents } = await client.readResource({ uri: `belay://runs/${run_id}/checkpoints/${id}` });
    expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ id, step: 'make' });
  });
});

describe('skills', () => {
  it('are one for Belay and one for each workflow that says so, whole and verified', async () => {
    workflow(
      'greet-all',
      'tags: [skill]\ninputs: { who: { type: string, required: true, description: "a|b" } }\n',
    );
    workflow('quiet');
    const skills = new SkillsClient(await modern());
    expect(skills.supported).toBe(true);
    const { skills: entries } = await skills.list();
    expect(entries.map(({ uri }) => uri)).toEqual([
      'skill://belay/SKILL.md',
      'skill://workflows/greet-all/SKILL.md',
    ]);
    for (const entry of entries) {
      const manual = await skills.read(entry);
      expect(manual).toMatchObject({ verified: true, frontmatter: entry.frontmatter });
      if (entry.resources === 'dynamic') throw new Error('no digests');
      for (const { uri } of entry.resources) expect((await skills.read(entry, uri)).verified).toBe(true);
      expect((await skills.get(entry.uri)).skill).toEqual(entry);
    }
    const [, greeting] = entries;
    expect(greeting?.frontmatter).toMatchObject({ name: 'greet-all', description: 'Says "hi": once' });
  });

  it.each([
    'skill://workflows/quiet/SKILL.md',
    'skill://belay/references/definitions.md',
    'skill://belay/../SKILL.md',
    'skill://none/SKILL.md',
    'belay://workflows/quiet',
  ])('`%s` is none', async (uri) => {
    const client = await modern();
    await expect(new SkillsClient(client).get(uri)).rejects.toMatchObject({ code: -32_602 });
  });

  it('lie in folders that can be looked into', async () => {
    const skills = new SkillsClient(await modern());
    expect(skills.directoryRead).toBe(true);
    const inside = async (uri: string) =>
      (await skills.readDirectory(uri)).resources.map(({ name, mimeType }) => `${name} ${mimeType}`);
    expect(await inside('skill://belay')).toEqual(['SKILL.md text/markdown', 'references inode/directory']);
    expect(await inside('skill://belay/references')).toEqual(['definitions.md text/markdown']);
    expect(await inside('skill://workflows')).toEqual(['greet-all inode/directory']);
    for (const uri of ['skill://belay/SKILL.md', 'skill://bel', 'skill://belay/', 'skill:/', 'belay://runs'])
      await expect(skills.readDirectory(uri)).rejects.toMatchObject({ code: -32_602 });
  });

  it('are ordinary resources to a client of 2025', async () => {
    const { contents } = await (await legacy()).readResource({ uri: 'skill://belay/SKILL.md' });
    expect(contents[0]).toMatchObject({
      mimeType: 'text/markdown',
      text: expect.stringContaining('name: belay'),
    });
  });
});

describe('the view of a run', () => {
  it.each([
    ['2026-07-28', modern],
    ['2025-11-25', legacy],
  ] as const)('is offered to a host of %s that shows views', async (_revision, connect) => {
    const client = await connect(VIEWS);
    const { tools: listed } = await client.listTools();
    const metaOf = (tool: string) => listed.find(({ name }) => name === tool)?._meta;
    expect(metaOf('workflow_status')).toEqual({ ui: { resourceUri: VIEW_URI } });
    expect(metaOf('workflow_execute')).toEqual({ ui: { resourceUri: VIEW_URI, visibility: ['model'] } });
    expect(metaOf('workflow_answer')).toEqual({ ui: { resourceUri: VIEW_URI, visibility: ['model'] } });
    expect(metaOf('workflow_list')).toEqual({ ui: { visibility: ['model'] } });
    const call = { name: 'workflow_execute', arguments: { commands: ['true'] } };
    expect((await client.callTool(call))._meta).toMatchObject({ ui: { resourceUri: VIEW_URI } });
    const { contents } = await client.readResource({ uri: VIEW_URI });
    expect(contents[0]).toMatchObject({
      mimeType: 'text/html;profile=mcp-app',
      text: expect.stringContaining('<!doctype html>'),
      _meta: { ui: { csp: { connectDomains: [], resourceDomains: [] } } },
    });
  });

  it('is nothing to others', async () => {
    const client = await modern();
    expect((await client.listTools()).tools.every(({ _meta }) => _meta === undefined)).toBe(true);
    const call = { name: 'workflow_execute', arguments: { commands: ['true'] } };
    expect((await client.callTool(call))._meta ?? {}).not.toHaveProperty('ui');
  });
});
