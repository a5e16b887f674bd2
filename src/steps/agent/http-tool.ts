/**
 * `http_get`: what a web server says, by the rules of the step type `http`: no address of this machine or its network
 * unless the step allows it, checked redirects, bounded answers.
 */
import * as z from 'zod';
import { HTTP_ANSWER_BYTES_MAX, HTTP_MS_MAX } from '../../engine/core/limits.ts';
import { followRedirects } from '../http/follow-redirects.ts';
import type { HttpCall } from '../http/http-call.ts';
import { readBody } from '../http/read-answer.ts';
import { cut } from './file-tools.ts';
import type { ToolResult } from './model.ts';
import { type AgentTool, refusal } from './toolbox.ts';

const getArguments = z.strictObject({ url: z.string().describe('http:// or https://') });

export const httpTool = (allowPrivate: boolean): AgentTool<typeof getArguments> => ({
  name: 'http_get',
  description: 'Make an HTTP GET request and read the answer.',
  arguments: getArguments,
  isRepeatable: true,
  async use({ url: written }, signal) {
    const url = URL.parse(written);
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
      return refusal('the URL is none of http or https');
    if (url.username !== '' || url.password !== '') return refusal('the URL holds a user or a password');
    const bound = AbortSignal.any([signal, AbortSignal.timeout(HTTP_MS_MAX)]);
    try {
      return await answerOf(callOf(url, allowPrivate), bound);
    } catch (error) {
      if (signal.aborted || !bound.aborted) throw error;
      return { text: `no answer within ${HTTP_MS_MAX / 1_000} s`, isError: true };
    }
  },
});

async function answerOf(call: HttpCall, signal: AbortSignal): Promise<ToolResult> {
  const answer = await followRedirects(call, signal);
  if (!answer.ok) return { text: answer.error.message, isError: true };
  const body = await readBody(call, answer.value, signal);
  if (!body.ok) return { text: body.error.message, isError: true };
  const { statusCode: status = 0, headers } = answer.value.response;
  const type = headers['content-type'] ?? 'no content type';
  const content = body.value.includes(0)
    ? `(no text: ${body.value.length} bytes)`
    : body.value.toString('utf8');
  const text = `status ${status}, ${type}\n${content}`;
  return { text: cut(text, 'ask for a smaller part'), isError: status >= 400 };
}

const callOf = (url: URL, allowPrivate: boolean): HttpCall => ({
  method: 'GET',
  url: url.href,
  headers: { accept: '*/*', 'accept-encoding': 'gzip, br', 'user-agent': 'belay' },
  expect: ['2xx'],
  isHostLiteral: false,
  allowPrivate,
  insecure: false,
  bytesMax: HTTP_ANSWER_BYTES_MAX,
  keepsLittle: false,
  readsJson: false,
  secrets: [],
  repeatable: true,
});
