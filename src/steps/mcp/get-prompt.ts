/** A prompt of a server, filled in: its messages as outputs. */
import type { JsonObject } from '../../engine/core/model.ts';
import type { Outcome } from '../../engine/core/step-type.ts';
import { answerContent, textIn } from './answer-content.ts';
import { failed, succeeded } from './call-outcome.ts';
import type { McpTarget } from './mcp-call.ts';
import { missing } from './mcp-messages.ts';
import { nearestNames } from './nearest-names.ts';
import { offers, type Session } from './session.ts';
import type { Work } from './work.ts';

type Target = Extract<McpTarget, { readonly kind: 'prompt' }>;
type Message = { readonly role: string; readonly content: JsonObject };

export async function getPrompt(session: Session, target: Target, { call }: Work): Promise<Outcome> {
  const { client, label } = session;
  const { name, arguments: given } = target;
  const listed = await session.ask(async (options) =>
    offers(session, 'prompts') ? (await client.listPrompts(undefined, options)).prompts : [],
  );
  if (!listed.ok) return failed(call, listed.error);
  const names = listed.value.map((each) => each.name);
  if (!names.includes(name)) return failed(call, missing('prompt', name, label, nearestNames(name, names)));
  const answer = await session.ask((options) => client.getPrompt({ name, arguments: given }, options));
  if (!answer.ok) return failed(call, answer.error);
  const said = answer.value.messages as unknown as readonly Message[];
  const blocks = said.map(({ content }) => content);
  const text = textIn(blocks);
  const content = await answerContent(blocks, call);
  if (!content.ok) return failed(call, content.error, { prompt: name, text });
  const messages = said.map(({ role }, at) => ({ role, content: content.value[at] ?? {} }));
  return succeeded(call, { prompt: name }, { text, messages });
}
