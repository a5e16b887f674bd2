/** What is special about endpoints that speak OpenAI's format: local servers without keys, thoughts, replies without end. */
import { expect, test } from 'vitest';
import { failureOf, outputsOf, work } from './at-work.ts';
import { modelServer, openai } from './model-server.ts';

const environment = { KEY: 'sk-the-key-of-the-test' };
const SCHEMA = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };

test('counts by itself where a local server without a key does not', async () => {
  const server = await modelServer(openai({ text: 'local', usage: 'unsaid' }));
  const providers = [{ provider: 'openai', base_url: `${server.origin}/v1`, model: 'm', temperature: 0.5 }];
  const worked = await work({ prompt: 'p', providers, tools: [] });
  expect(outputsOf(worked)).toMatchObject({ usage: { estimated: true }, text: 'local' });
  const [seen] = server.seen;
  expect(seen?.headers.authorization).toBeUndefined();
  expect(seen?.body).toMatchObject({ temperature: 0.5 });
  expect(seen?.body.tools).toBeUndefined();
});

test('what a local model thinks aloud is no part of its answer', async () => {
  const server = await modelServer(openai({ text: '<think>{"n": 1}? no</think>\n{"n": 2}' }));
  const providers = [{ provider: 'openai', base_url: `${server.origin}/v1`, model: 'm' }];
  const worked = await work({ prompt: 'p', schema: SCHEMA, providers });
  expect(outputsOf(worked)).toMatchObject({ n: 2, turns: 1 });
  expect(server.seen[0]?.body.max_tokens).toBeUndefined();
});

test('a reply that has no end is not read to its end', async () => {
  const server = await modelServer(
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const delta = {
        choices: [{ index: 0, delta: { content: 'again and '.repeat(1_000) }, finish_reason: null }],
      };
      const more = () => {
        while (!response.destroyed && response.write(`data: ${JSON.stringify(delta)}\n\n`));
      };
      response.on('drain', more);
      more();
    },
    openai({ text: 'short' }),
  );
  const providers = [{ provider: 'openai', base_url: `${server.origin}/v1`, model: 'm' }];
  expect(outputsOf(await work({ prompt: 'p', providers }))).toMatchObject({ text: 'short', turns: 2 });
});

test('a key does not follow where an answer leads', async () => {
  const thief = await modelServer(openai({ text: 'thanks' }));
  const server = await modelServer((response) => {
    response.writeHead(307, { location: `${thief.origin}/v1/chat/completions` }).end();
  });
  const providers = [{ provider: 'openai', base_url: `${server.origin}/v1`, model: 'm', key_env: 'KEY' }];
  const worked = await work({ prompt: 'p', providers }, { environment });
  expect(failureOf(worked).code).toBe('provider_unavailable');
  expect(thief.seen).toEqual([]);
});
