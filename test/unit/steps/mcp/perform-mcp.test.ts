/** Servers as people install them, over standard input and output and over HTTP. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Json, JsonObject } from '../../../../src/engine/core/model.ts';
import { called, failureOf, installed, outputsOf, scratch, type Terms } from './calling.ts';

const everything = installed('everything');
const use = (tool: string, given: JsonObject = {}, terms: Terms = {}) =>
  called({ server: everything, tool, arguments: given }, terms);

/** A port that was free a moment ago: the server does not tell which one it takes by itself. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { readonly port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function everythingOnTheWeb() {
  const port = await freePort();
  const { command, args } = installed('everything', 'streamableHttp');
  const server = spawn(command, args, { env: { ...process.env, PORT: String(port) } });
  onTestFinished(() => void server.kill('SIGKILL'));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.once('exit', () => reject(new Error(said)));
    server.stderr.on('data', (piece) => {
      said += piece;
      if (said.includes('listening')) resolve();
    });
  });
  return { url: `http://127.0.0.1:${port}/mcp` };
}

test.each([
  ['a program', async () => everything],
  ['an address', everythingOnTheWeb],
])('%s: structured content, progress, and a person who is asked', async (_, start) => {
  const server = await start();
  const weather = await called({
    server,
    tool: 'get-structured-content',
    arguments: { location: 'Chicago' },
  });
  const structured = { temperature: 36, conditions: 'Light rain / drizzle', humidity: 82 };
  expect(weather.outcome).toMatchObject({
    ok: true,
    outputs: { structured, text: JSON.stringify(structured), is_error: false },
  });
  expect(weather.io.written.text).toMatch(/speaks MCP 2025-11-25/);

  const work = { server, tool: 'trigger-long-running-operation', arguments: { duration: 0.05, steps: 2 } };
  const worked = await called(work);
  expect(worked.outcome).toMatchObject({ ok: true, outputs: { text: expect.stringContaining('completed') } });
  expect(worked.io.written.text).toContain('progress 1 of 2\nprogress 2 of 2\n');

  const answers: Json[] = [
    { name: 'Ann', untitledMultipleSelectEnum: 'Bass, Piano', titledSingleSelectEnum: 'hero-2' },
  ];
  const asked = await called({ server, tool: 'trigger-elicitation-request' }, { answers });
  expect(asked.io.asked).toMatchObject([
    {
      kind: 'input',
      askedOf: 'human',
      prompt: expect.stringMatching(/^server `mcp-servers\/everything` at .* asks: Please provide inputs/),
      schema: {
        properties: {
          integer: { type: 'integer', minimum: 1 },
          untitledMultipleSelectEnum: { type: 'string' },
        },
      },
    },
  ]);
  const { text } = (asked.outcome as { readonly outputs: JsonObject }).outputs;
  expect(text).toContain('"untitledMultipleSelectEnum": [\n      "Bass",\n      "Piano"\n    ]');
  expect(text).toContain('"integer": 42');
});

test('nobody answers a question: the server is told, and goes on', async () => {
  const { outcome } = await use('trigger-elicitation-request');
  expect(outcome).toMatchObject({ ok: true, outputs: { text: expect.stringContaining('cancel') } });
});

test('it is offered no model, and the directory of the run', async () => {
  const failure = await failureOf({ server: everything, tool: 'trigger-sampling-request' });
  expect(failure.code).toBe('tool_missing');
  const cwd = scratch();
  const { outcome } = await use('get-roots-list', {}, { cwd });
  expect(outcome).toMatchObject({ ok: true, outputs: { text: expect.stringContaining(`file://${cwd}`) } });
});

test('only the variables of steps and its own reach a server', async () => {
  process.env.BELAY_TEST_STRANGER = 'mine';
  onTestFinished(() => void delete process.env.BELAY_TEST_STRANGER);
  const server = { ...everything, env: { OWN: 'theirs', SOME_TOKEN: 'hush-hush' } };
  const { outcome } = await called({ server, tool: 'get-env' });
  const { text } = (outcome as { readonly outputs: JsonObject }).outputs;
  expect(JSON.parse(String(text))).toMatchObject({
    OWN: 'theirs',
    SOME_TOKEN: '***',
    PATH: expect.any(String),
  });
  expect(JSON.parse(String(text))).not.toHaveProperty('BELAY_TEST_STRANGER');
});

test('an image is saved where the step wants it, and else left out', async () => {
  const cwd = scratch();
  const config = { server: everything, tool: 'get-tiny-image' };
  const left = await outputsOf(config);
  const image = { type: 'image', mimeType: 'image/png', bytes: expect.any(Number) };
  expect(left.content).toEqual([expect.objectContaining({ type: 'text' }), image, expect.anything()]);
  const saved = await outputsOf({ ...config, save_to: 'shots/{{ a }}' }, { cwd, values: { a: 'today' } });
  expect((saved.content as Json[])[1]).toEqual({ ...image, file: 'shots/today/2.png' });
  expect(readFileSync(join(cwd, 'shots/today/2.png')).subarray(1, 4).toString()).toBe('PNG');
});

test('resources: text, bytes, and one that is not there', async () => {
  const cwd = scratch();
  const read = (uri: string) => ({ server: everything, resource: uri, save_to: '.' });
  const text = await outputsOf(read('demo://resource/dynamic/text/1'), { cwd });
  expect(text).toMatchObject({
    uri: 'demo://resource/dynamic/text/1',
    text: expect.stringContaining('Resource 1'),
  });
  const blob = await outputsOf(read('demo://resource/dynamic/blob/1'), { cwd });
  const [{ file, bytes }] = blob.content as [{ readonly file: string; readonly bytes: number }];
  expect(readFileSync(join(cwd, file))).toHaveLength(bytes);
  const missing = await failureOf(read('demo://resource/static/document/featurez.md'), { cwd });
  expect(missing).toMatchObject({ code: 'resource_missing', retry: 'final' });
  expect(missing.message).toContain('it has `demo://resource/static/document/features.md`');
});

test('prompts: filled in, and one that is not there', async () => {
  const config = { server: everything, prompt: 'args-prompt', arguments: { city: '{{ c }}' } };
  const outputs = await outputsOf(config, { values: { c: 'Oslo' } });
  expect(outputs).toMatchObject({
    messages: [{ role: 'user', content: { type: 'text' } }],
    text: expect.stringContaining('Oslo'),
  });
  expect((await failureOf({ server: everything, prompt: 'arg-prompt' })).message).toContain(
    'it has `args-prompt`',
  );
});

test('the file server works in the directory of the run, and says no to others', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'a.txt'), 'what is in it');
  const server = installed('filesystem', cwd);
  const read = { server, tool: 'read_text_file', arguments: { path: join(cwd, 'a.txt') } };
  expect(await outputsOf(read, { cwd })).toMatchObject({
    text: 'what is in it',
    structured: { content: 'what is in it' },
  });
  const failure = await failureOf({ ...read, arguments: { path: '/etc/passwd' } }, { cwd });
  expect(failure).toMatchObject({
    code: 'tool_error',
    retry: 'again',
    message: expect.stringContaining('Access denied'),
  });
});

test('the memory server remembers from one call to the next', async () => {
  const server = { ...installed('memory'), env: { MEMORY_FILE_PATH: join(scratch(), 'memory.jsonl') } };
  const entities = [{ name: 'Ann', entityType: 'person', observations: ['climbs'] }];
  await outputsOf({ server, tool: 'create_entities', arguments: { entities } });
  const found = await outputsOf({ server, tool: 'search_nodes', arguments: { query: 'climb' } });
  expect(found.structured).toMatchObject({ entities });
});
