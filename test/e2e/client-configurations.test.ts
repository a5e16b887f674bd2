/** What people copy from docs/clients.md, and what the registry and the bundle say, starts the server or reaches it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mcpbManifest } from '../../packaging/mcpb-manifest.ts';
import { tools } from '../../src/tools/catalogue.ts';
import { type ScratchServer, scratchServer } from '../unit/http/scratch-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const configuration = z.union([
  z.strictObject({
    type: z.literal('stdio').optional(),
    command: z.string(),
    args: z.array(z.string()),
    // Inspector's
    protocolEra: z.enum(['legacy', 'modern']).optional(),
  }),
  z.strictObject({
    type: z.literal('http').optional(),
    url: z.url(),
    headers: z.record(z.string(), z.string()),
  }),
]);

const page = z.union([
  z.strictObject({ mcpServers: z.strictObject({ belay: configuration }) }),
  z.strictObject({
    inputs: z.array(z.looseObject({ id: z.string() })).optional(),
    servers: z.strictObject({ belay: configuration }),
  }),
]);

const chapters = read('docs/clients.md').split(/^## /m).slice(1);
const written = chapters.flatMap((chapter) =>
  [...chapter.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, json = '']) => {
    const parsed = page.parse(JSON.parse(json));
    return {
      client: chapter.split('\n')[0] ?? '',
      belay: 'servers' in parsed ? parsed.servers.belay : parsed.mcpServers.belay,
    };
  }),
);
const stdio = written.flatMap(({ client, belay }) => ('command' in belay ? [{ client, ...belay }] : []));
const http = written.flatMap(({ client, belay }) => ('url' in belay ? [{ client, ...belay }] : []));

let scratch: ScratchServer;
beforeAll(async () => {
  scratch = await scratchServer();
});
afterAll(() => scratch.end());

/** Names of the tools that a client is shown. */
async function toolsOver(transport: StdioClientTransport | StreamableHTTPClientTransport) {
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(transport);
  try {
    return (await client.listTools()).tools.map(({ name }) => name);
  } finally {
    await client.close();
  }
}

const started = (command: string, args: readonly string[]) => {
  const env = { PATH: process.env.PATH ?? '', BELAY_HOME: join(scratch.folder, 'other') };
  const placed = args.map((arg) => arg.replace('/path/to/belay', ROOT).replace('${__dirname}', ROOT));
  return toolsOver(new StdioClientTransport({ command, args: placed, cwd: scratch.folder, env }));
};

const names = tools.map(({ name }) => name);

describe('docs/clients.md', () => {
  it('has every client', () => {
    const clients = (all: readonly { readonly client: string }[]) => [
      ...new Set(all.map(({ client }) => client)),
    ];
    expect(clients(stdio)).toEqual(['Claude Code', 'Claude Desktop', 'Cursor', 'VS Code', 'Inspector']);
    expect(clients(http)).toEqual(['Claude Code', 'Cursor', 'VS Code']);
  });

  it('starts the server', async () => {
    const [first] = stdio;
    const { command = '', args = [] } = first ?? {};
    for (const each of stdio) expect([each.command, ...each.args]).toEqual([command, ...args]);
    const words = [command, ...args].join(' ');
    for (const chapter of ['Claude Code', 'Inspector'])
      expect(chapters.find((each) => each.startsWith(chapter))).toContain(` ${words}\n`);
    expect(await started(command, args)).toEqual(names);
  });

  it.each(http)('reaches a server that runs ($client)', async ({ url, headers }) => {
    const key = scratch.key('viewer');
    const said = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace(/\$\{[\w:-]+\}/, key)]),
    );
    const address = new URL(url);
    expect(address.pathname).toBe('/mcp');
    const transport = new StreamableHTTPClientTransport(new URL('/mcp', scratch.server.url), {
      requestInit: { headers: said },
    });
    expect(await toolsOver(transport)).toEqual(names);
    expect(said.Authorization).toBe(`Bearer ${key}`);
  });
});

describe('server.json', () => {
  // of https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json what is used here
  const input = { description: z.string(), format: z.enum(['string', 'number', 'boolean', 'filepath']) };
  const schema = z.strictObject({
    $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
    name: z
      .string()
      .min(3)
      .max(200)
      .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
    title: z.string().min(1).max(100),
    description: z.string().min(1).max(100),
    version: z.string().max(255),
    packages: z.array(
      z.strictObject({
        registryType: z.literal('npm'),
        registryBaseUrl: z.literal('https://registry.npmjs.org'),
        identifier: z.string(),
        version: z.string().min(1).max(255),
        runtimeHint: z.literal('npx'),
        transport: z.strictObject({ type: z.literal('stdio') }),
        packageArguments: z.array(
          z.strictObject({ type: z.literal('positional'), value: z.string(), description: z.string() }),
        ),
        environmentVariables: z.array(z.strictObject({ name: z.string(), ...input })),
      }),
    ),
  });

  it('says what the package is, in the format of the registry', () => {
    const server = schema.parse(JSON.parse(read('server.json')));
    const { name, version, mcpName = server.name } = JSON.parse(read('package.json'));
    expect([server.version, server.name]).toEqual([version, mcpName]);
    for (const each of server.packages) expect([each.identifier, each.version]).toEqual([name, version]);
    expect(server.packages[0]?.packageArguments.map(({ value }) => value)).toEqual(['mcp']);
  });
});

describe('the manifest of the bundle', () => {
  const text = z.string().min(1);
  const schema = z.strictObject({
    manifest_version: z.literal('0.3'),
    name: text,
    display_name: text,
    version: text,
    description: text,
    long_description: text,
    author: z.strictObject({ name: text }),
    server: z.strictObject({
      type: z.literal('node'),
      entry_point: text,
      mcp_config: z.strictObject({ command: text, args: z.array(text) }),
    }),
    tools: z.array(z.strictObject({ name: text, description: text })),
    prompts_generated: z.literal(true),
    keywords: z.array(text),
    license: text,
    compatibility: z.strictObject({
      platforms: z.array(z.enum(['darwin', 'win32', 'linux'])),
      runtimes: z.strictObject({ node: text }),
    }),
  });

  it('has the format of version 0.3, and starts the server', async () => {
    const { server, ...manifest } = schema.parse(mcpbManifest());
    expect(manifest.tools.map(({ name }) => name)).toEqual(names);
    const { command, args } = server.mcp_config;
    expect(args[0]).toBe(`\${__dirname}/${server.entry_point}`);
    expect(await started(command, args)).toEqual(names);
  });
});
