/** An agent step against a scripted model that speaks both wire formats: answers, tools, repairs, budgets, resumption. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { fakeCall } from '../fake-call.ts';
import { failureOf, fakeClock, outputsOf, scratchFolder, work } from './at-work.ts';
import {
  anthropic,
  modelServer,
  openai,
  overloaded,
  type Part,
  type Scripted,
  silence,
  status,
} from './model-server.ts';

const KEY = 'sk-the-key-of-the-test';

interface Wire {
  readonly says: (scripted: Scripted) => Part;
  config(origin: string): JsonObject;
  /** Results of tools that the last request has sent back. */
  // biome-ignore lint/suspicious/noExplicitAny: a body as it came over the wire
  results(body: any): readonly string[];
}

const WIRES: readonly (readonly [string, Wire])[] = [
  [
    'openai',
    {
      says: openai,
      config: (origin) => ({ provider: 'openai', base_url: `${origin}/v1`, model: 'm', key_env: 'KEY' }),
      results: ({ messages }) =>
        messages.flatMap((one: JsonObject) => (one.role === 'tool' ? [String(one.content)] : [])),
    },
  ],
  [
    'anthropic',
    {
      says: anthropic,
      config: (origin) => ({ provider: 'anthropic', base_url: origin, model: 'm', key_env: 'KEY' }),
      results: ({ messages }) =>
        messages
          .flatMap(({ content }: JsonObject) => (Array.isArray(content) ? content : []))
          .flatMap((block: JsonObject) => (block.type === 'tool_result' ? [String(block.content)] : [])),
    },
  ],
];

const environment = { PATH: process.env.PATH!, KEY };
const SCHEMA = {
  type: 'object',
  properties: { n: { type: 'integer' }, why: { type: 'string' } },
  required: ['n'],
  additionalProperties: false,
};

describe.each(WIRES)('%s', (provider, { says, config, results }) => {
  test('text becomes an output, with what it took and who said it', async () => {
    const server = await modelServer(says({ text: 'All is well here.', usage: [10, 5] }));
    const worked = await work(
      { prompt: 'How is it?', providers: [config(server.origin)], prices: { input: 1000, output: 2000 } },
      { environment },
    );
    const read = provider === 'anthropic' ? 12 : 10;
    expect(outputsOf(worked)).toEqual({
      text: 'All is well here.',
      usage: { input_tokens: read, output_tokens: 5, cost: (read * 1000 + 5 * 2000) / 1e6 },
      turns: 1,
      provider,
      model: 'm',
    });
    expect(worked.io.written.text).toContain('All is well here.');
    const [seen] = server.seen;
    expect(JSON.stringify(seen?.body.messages)).toContain('How is it?');
    const [header, other] =
      provider === 'anthropic' ? ['x-api-key', 'authorization'] : ['authorization', 'x-api-key'];
    expect(seen?.headers[header!]).toContain(KEY);
    expect(seen?.headers[other!]).toBeUndefined();
    expect(seen?.body.stream).toBe(true);
  });

  test('makes calls, tells what came of them, and ends with a checked answer', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'a.txt'), 'forty-two\n');
    const server = await modelServer(
      says({
        text: 'I look.',
        calls: [
          ['read_file', { path: 'a.txt' }],
          ['list_files', {}],
        ],
      }),
      says({ calls: [['write_file', { path: 'out/b.txt', content: 'done' }]] }),
      says({ text: 'Here:\n```json\n{"n": 42}\n```' }),
    );
    const worked = await work(
      { prompt: 'p', schema: SCHEMA, security_profile: 'standard', providers: [config(server.origin)] },
      { environment, cwd },
    );
    expect(outputsOf(worked)).toMatchObject({ n: 42, turns: 3 });
    expect(readFileSync(join(cwd, 'out/b.txt'), 'utf8')).toBe('done');
    expect(results(server.seen[1]?.body)).toEqual(['forty-two\n', 'a.txt']);
    expect(results(server.seen[2]?.body)).toHaveLength(3);
    expect(worked.io.notes.map((note) => (note as JsonObject).kind)).toEqual([
      ...['reply', 'result', 'result', 'reply', 'result', 'reply'],
    ]);
  });

  test('an answer that does not fit is repaired once', async () => {
    const server = await modelServer(says({ text: '{"n": "many"}' }), says({ text: '{"n": 3}' }));
    const worked = await work(
      { prompt: 'p', schema: SCHEMA, providers: [config(server.origin)] },
      { environment },
    );
    expect(outputsOf(worked)).toMatchObject({ n: 3, turns: 2 });
    expect(JSON.stringify(server.seen[1]?.body.messages)).toContain('`n` expected');
  });

  test('an answer that does not fit twice is a failure that names the problems', async () => {
    const server = await modelServer(says({ text: 'no JSON' }), says({ text: '{"n": 1, "x": 2}' }));
    const worked = await work(
      { prompt: 'p', schema: SCHEMA, providers: [config(server.origin)] },
      { environment },
    );
    expect(failureOf(worked)).toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringContaining('"x"'),
    });
    expect(worked.outcome.outputs).toMatchObject({ turns: 2, provider });
  });

  test('malformed calls are told to the model and counted', async () => {
    const server = await modelServer(
      says({
        calls: [
          ['read_file', '{"path": "a'],
          ['no_such_tool', {}],
          ['read_file', { file: 'a' }],
        ],
      }),
      says({ text: 'sorry' }),
    );
    const worked = await work({ prompt: 'p', providers: [config(server.origin)] }, { environment });
    expect(outputsOf(worked)).toMatchObject({ text: 'sorry', turns: 2 });
    expect(results(server.seen[1]?.body)).toEqual([
      expect.stringContaining('no JSON'),
      expect.stringContaining('there is no tool no_such_tool'),
      expect.stringContaining('path'),
    ]);
  });

  test('waits as long as a busy service asks, and asks again', async () => {
    const server = await modelServer(
      status(429, { 'retry-after': '7' }),
      status(529),
      status(500),
      says({ text: 'now' }),
    );
    const worked = await work({ prompt: 'p', providers: [config(server.origin)] }, { environment });
    expect(outputsOf(worked)).toMatchObject({ text: 'now', turns: 1 });
    expect(worked.clock.waited).toEqual([7_000, 2_000, 4_000]);
  });

  test('gives up on a service that stays busy, and says when it may be asked again', async () => {
    const server = await modelServer(status(429, { 'retry-after': '600' }));
    const worked = await work({ prompt: 'p', providers: [config(server.origin)] }, { environment });
    expect(failureOf(worked)).toMatchObject({
      code: 'provider_unavailable',
      retry: 'again',
      data: { retry_after_ms: 600_000 },
    });
    expect(server.seen).toHaveLength(1);
  });

  test('asks again after a stream that was cut', async () => {
    const server = await modelServer(says({ text: 'half of what', cutAfter: 3 }), says({ text: 'whole' }));
    const worked = await work({ prompt: 'p', providers: [config(server.origin)] }, { environment });
    expect(outputsOf(worked)).toMatchObject({ text: 'whole', turns: 1 });
    expect(server.seen).toHaveLength(2);
  });

  test('asks again after an error in the middle of a stream', async () => {
    const server = await modelServer(overloaded, says({ text: 'whole' }));
    const worked = await work({ prompt: 'p', providers: [config(server.origin)] }, { environment });
    expect(outputsOf(worked)).toMatchObject({ text: 'whole', turns: 1 });
    expect(worked.io.written.text).toContain('Overloaded');
  });

  test('does not ask again where the request is refused, and shows no key', async () => {
    const server = await modelServer(status(401, {}, `bad key ${KEY}`));
    const worked = await work({ prompt: 'p', providers: [config(server.origin)] }, { environment });
    expect(failureOf(worked)).toMatchObject({ code: 'provider_refused', retry: 'final' });
    expect(server.seen).toHaveLength(1);
    expect(JSON.stringify([worked.outcome, worked.io.written, worked.io.notes])).not.toContain(KEY);
  });

  test('a model that declines is a failure', async () => {
    const server = await modelServer(says({ text: 'I will not', end: 'refused' }));
    const worked = await work({ prompt: 'p', providers: [config(server.origin)] }, { environment });
    expect(failureOf(worked).code).toBe('model_declined');
  });

  test('a reply that was cut at its length, or is empty, is asked for again', async () => {
    const server = await modelServer(
      says({ text: 'long', end: 'length' }),
      says({}),
      says({ text: 'short' }),
    );
    const worked = await work({ prompt: 'p', providers: [config(server.origin)] }, { environment });
    expect(outputsOf(worked)).toMatchObject({ text: 'short', turns: 3 });
  });

  test.each([
    ['max_turns', { max_turns: 3 }, 3],
    ['max_tokens', { max_tokens: 60 }, undefined],
    ['max_cost', { max_cost: 0.06, prices: { input: 1000, output: 2000 } }, undefined],
  ] as const)('a model that never stops ends at %s', async (bound, budget, turns) => {
    const server = await modelServer(says({ calls: [['list_files', {}]], usage: [15, 5] }));
    const worked = await work(
      { prompt: 'p', providers: [config(server.origin)], ...budget },
      { environment },
    );
    expect(failureOf(worked)).toMatchObject({ code: 'budget_exceeded', retry: 'final', data: { bound } });
    expect(worked.outcome.outputs).toMatchObject({ turns: turns ?? 3 });
    expect(server.seen).toHaveLength(turns ?? 3);
  });

  test('a model that says nothing ends at max_seconds', async () => {
    const clock = fakeClock();
    const server = await modelServer((response, request) => {
      silence(response, request);
      clock.expire();
    });
    const worked = await work({ prompt: 'p', providers: [config(server.origin)] }, { environment, clock });
    expect(failureOf(worked)).toMatchObject({ code: 'budget_exceeded', data: { bound: 'max_seconds' } });
  });

  test('ends at once when it is told to', async () => {
    const abort = new AbortController();
    const server = await modelServer((response, request) => {
      silence(response, request);
      abort.abort(new Error('told to end'));
    });
    const io = fakeCall({ signal: abort.signal });
    await expect(
      work({ prompt: 'p', providers: [config(server.origin)] }, { environment, io }),
    ).rejects.toThrow('told to end');
  });

  test('goes on from its notes: nothing is asked or done twice', async () => {
    const cwd = scratchFolder();
    const server = await modelServer(
      says({
        calls: [
          ['run', { argv: ['sh', '-c', 'echo x >> ran'] }],
          ['run', { argv: ['sh', '-c', 'echo y >> ran'] }],
        ],
      }),
      says({ text: 'done' }),
    );
    const config1 = { prompt: 'p', security_profile: 'privileged', providers: [config(server.origin)] };
    const first = await work(config1, { environment, cwd });
    expect(readFileSync(join(cwd, 'ran'), 'utf8')).toBe('x\ny\n');
    const [reply, begun, result, begunToo] = first.io.notes;
    expect([reply, begun, result, begunToo].map((note) => (note as JsonObject).kind)).toEqual([
      ...['reply', 'begun', 'result', 'begun'],
    ]);

    // its host died while the second program ran
    const again = await work(config1, { environment, cwd, notes: [reply!, begun!, result!, begunToo!] });
    expect(outputsOf(again)).toMatchObject({ text: 'done', turns: 2, usage: { output_tokens: 10 } });
    expect(readFileSync(join(cwd, 'ran'), 'utf8')).toBe('x\ny\n');
    expect(results(server.seen[2]?.body)).toEqual([
      'exit code 0',
      expect.stringContaining('outcome is unknown'),
    ]);

    // all was noted: there is nobody to ask
    const whole = await work(config1, { environment, cwd, notes: first.io.notes });
    expect(outputsOf(whole)).toMatchObject({ text: 'done', turns: 2 });
    expect(server.seen).toHaveLength(3);
  });
});

test('goes on with the next provider where one cannot be reached, in the same conversation', async () => {
  const server = await modelServer(anthropic({ text: 'I am here' }));
  const worked = await work(
    {
      prompt: 'p',
      providers: [
        { provider: 'openai', base_url: 'http://127.0.0.1:1/v1', model: 'm' },
        { provider: 'anthropic', base_url: server.origin, model: 'm', key_env: 'KEY' },
      ],
    },
    { environment },
  );
  expect(outputsOf(worked)).toMatchObject({ text: 'I am here', provider: 'anthropic' });
  expect(worked.outcome).toMatchObject({ warnings: [expect.stringContaining('cannot be reached')] });
});

test('asks the connected agent where no model can be reached', async () => {
  const io = fakeCall({ answers: [{ n: 5 }] });
  const providers = [{ provider: 'openai', base_url: 'http://127.0.0.1:1/v1', model: 'm' }, 'caller'];
  const capabilities = ['counting'];
  const worked = await work({ prompt: 'Count.', schema: SCHEMA, providers, capabilities }, { io });
  expect(outputsOf(worked)).toEqual({ n: 5, provider: 'caller' });
  expect(io.asked).toMatchObject([
    { kind: 'agent', askedOf: 'agent', schema: SCHEMA, answerers: { capabilities } },
  ]);
});

test('a long reply is noted in pieces, and read back whole', async () => {
  const content = '"\\ä€😀\u0001'.repeat(20_000);
  const cwd = scratchFolder();
  const server = await modelServer(
    openai({ calls: [['write_file', { path: 'long', content }]] }),
    openai({ text: 'ok' }),
  );
  const config = {
    prompt: 'p',
    security_profile: 'standard',
    providers: [{ provider: 'openai', base_url: `${server.origin}/v1`, model: 'm' }],
  };
  const first = await work(config, { cwd });
  expect(outputsOf(first)).toMatchObject({ text: 'ok' });
  const bytes = first.io.notes.map((note) => Buffer.byteLength(JSON.stringify(note)));
  expect(bytes.length).toBeGreaterThan(3);
  expect(Math.max(...bytes)).toBeLessThanOrEqual(64 * 1024);
  const notes = first.io.notes.slice(0, -2);
  // a host died between two pieces, the next one began anew
  const again = await work(config, { cwd, notes: [...notes.slice(0, 2), ...notes] });
  expect(outputsOf(again)).toMatchObject({ text: 'ok', turns: 2 });
  expect(readFileSync(join(cwd, 'long'), 'utf8')).toBe(content);
  expect(server.seen).toHaveLength(3);
});

test('a secret of the run that falls between two pieces is in neither', async () => {
  const content = 'geheim'.repeat(30_000);
  const server = await modelServer(
    openai({ calls: [['write_file', { path: 'long', content }]] }),
    openai({ text: 'ok' }),
  );
  const config = {
    prompt: 'p',
    security_profile: 'standard',
    providers: [{ provider: 'openai', base_url: `${server.origin}/v1`, model: 'm' }],
  };
  const masked = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('geheim', '***')) as T;
  const { io } = await work(config, { cwd: scratchFolder(), io: fakeCall({ masked }) });
  expect(io.notes.length).toBeGreaterThan(3);
  expect(JSON.stringify(io.notes)).not.toMatch(/geh|heim/);
});

test('what the profile does not give is neither offered nor done', async () => {
  const cwd = scratchFolder();
  const server = await modelServer(
    openai({
      calls: [
        ['write_file', { path: 'a', content: 'x' }],
        ['run', { argv: ['touch', 'b'] }],
        ['http_get', { url: 'https://example.com' }],
      ],
    }),
    openai({ text: 'well' }),
  );
  const providers = [{ provider: 'openai', base_url: `${server.origin}/v1`, model: 'm' }];
  const worked = await work({ prompt: 'p', providers }, { cwd, environment });
  expect(outputsOf(worked)).toMatchObject({ text: 'well' });
  expect(server.seen[0]?.body.tools.map((one: { function: JsonObject }) => one.function.name)).toEqual([
    ...['read_file', 'list_files'],
  ]);
  expect(
    worked.io.written.text.match(/refused: .* not allowed by the security profile restricted/g),
  ).toHaveLength(3);
  expect([existsSync(join(cwd, 'a')), existsSync(join(cwd, 'b'))]).toEqual([false, false]);
});
