/** A read of a resource: its texts as outputs, its bytes as files where the step wants them. */
import type { Failure } from '../../engine/core/failure.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { Outcome } from '../../engine/core/step-type.ts';
import { answerContent, textIn } from './answer-content.ts';
import { failed, succeeded } from './call-outcome.ts';
import type { McpTarget } from './mcp-call.ts';
import { missing } from './mcp-messages.ts';
import { nearestNames } from './nearest-names.ts';
import { offers, type Session } from './session.ts';
import type { Work } from './work.ts';

type Target = Extract<McpTarget, { readonly kind: 'resource' }>;

export async function readResource(session: Session, { uri }: Target, { call }: Work): Promise<Outcome> {
  if (!offers(session, 'resources')) return failed(call, missing('resource', uri, session.label, []));
  const answer = await session.ask((options) => session.client.readResource({ uri }, options));
  if (!answer.ok) return failed(call, await explained(session, uri, answer.error));
  const blocks = answer.value.contents as unknown as readonly JsonObject[];
  const text = textIn(blocks);
  const content = await answerContent(blocks, call);
  if (!content.ok) return failed(call, content.error, { uri, text });
  return succeeded(call, { uri }, { text, content: content.value });
}

/** What servers say of a resource that they do not have: the code of the protocol, and that of wrong parameters. */
const NOT_FOUND: ReadonlySet<unknown> = new Set([-32_002, -32_602]);

/** With the resources that are there, where it is not one of them. */
async function explained(session: Session, uri: string, failure: Failure): Promise<Failure> {
  if (!NOT_FOUND.has(failure.data?.mcp_code)) return failure;
  const listed = await session.ask((options) => session.client.listResources(undefined, options));
  const known = listed.ok ? listed.value.resources.map((each) => each.uri) : [];
  if (known.includes(uri)) return failure;
  return missing('resource', uri, session.label, nearestNames(uri, known));
}
