/**
 * What a server may ask and say by itself while it is called: questions for a person, directories, log messages.
 * Models are not lent: a server that asks for one is told by the SDK that there is none.
 */
import { pathToFileURL } from 'node:url';
import type { Client, ElicitRequestFormParams } from '@modelcontextprotocol/client';
import { MCP_QUESTIONS_MAX } from '../../engine/core/limits.ts';
import { forwardQuestion } from './forward-question.ts';
import { expiryOf, type Work } from './work.ts';

/** @param server how a person is told who asks */
export function answerServer(client: Client, server: () => string, work: Work): void {
  const { call, silence } = work;
  let questions = 0;
  client.setRequestHandler('elicitation/create', ({ params }) => {
    questions += 1;
    if (questions > MCP_QUESTIONS_MAX) return { action: 'cancel' };
    return silence.during(() =>
      forwardQuestion(params as ElicitRequestFormParams, server(), work.ask, expiryOf(call)),
    );
  });
  if (call.server.kind === 'program' && call.server.roots.length > 0) {
    const roots = call.server.roots.map((path) => ({ uri: pathToFileURL(path).href }));
    client.setRequestHandler('roots/list', () => ({ roots }));
  }
  client.setNotificationHandler('notifications/message', ({ params: { level, logger, data } }) => {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    work.log(`${level}${logger === undefined ? '' : ` ${logger}`}: ${text}\n`);
  });
}
