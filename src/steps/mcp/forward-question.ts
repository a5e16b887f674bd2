/**
 * Questions of another MCP server (`elicitation/create`, form mode) on their way to a person and back. Owns the
 * translation between its forms and ours: a choice of several becomes a text with commas, titles become descriptions.
 * A person sees who asks: the text is the server's own, and none of ours.
 */
import type { ElicitRequestFormParams, ElicitResult } from '@modelcontextprotocol/client';
import { QUESTION_CONTEXT_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { Ask } from '../../engine/core/step-type.ts';
import { answerObject, checkAnswer } from '../check-answer.ts';
import { quoted } from './mcp-messages.ts';

type Asker = (ask: Ask) => Promise<Json | undefined>;

/** JSON Schema of a plain yes or no. */
export const CONSENT: JsonObject = {
  type: 'object',
  properties: {
    approved: { type: 'boolean', title: 'Approve' },
    reason: { type: 'string', title: 'Reason', description: 'Kept in the journal' },
  },
  required: ['approved'],
};

/** What a server gets for its question; `cancel` where nobody answered, or the form cannot be shown. */
export async function forwardQuestion(
  params: ElicitRequestFormParams,
  server: string,
  ask: Asker,
  expiresAtMs: number | undefined,
): Promise<ElicitResult> {
  const prompt = `${server} asks: ${quoted(params.message)}`;
  const asked = { prompt, askedOf: 'human', ...(expiresAtMs !== undefined && { expiresAtMs }) } as const;
  const form = formOf(params.requestedSchema as unknown as JsonObject);
  if (JSON.stringify(form).length > QUESTION_CONTEXT_BYTES_MAX) return { action: 'cancel' };
  if (Object.keys(propertiesOf(form)).length === 0) {
    const answer = await ask({ ...asked, kind: 'approval', schema: CONSENT });
    if (answer === undefined) return { action: 'cancel' };
    const { approved } = answerObject(CONSENT, answer) as { readonly approved?: Json };
    return approved === true ? { action: 'accept', content: {} } : { action: 'decline' };
  }
  const answer = await ask({ ...asked, kind: 'input', schema: form });
  if (answer === undefined || checkAnswer(form, answer).length > 0) return { action: 'cancel' };
  return contentOf(params, answerObject(form, answer) as JsonObject);
}

function contentOf({ requestedSchema }: ElicitRequestFormParams, answer: JsonObject): ElicitResult {
  const asked = propertiesOf(requestedSchema as unknown as JsonObject);
  const content: { [name: string]: string | number | boolean | string[] } = {};
  for (const [name, value] of Object.entries(answer)) {
    const choices = choicesOf((asked[name]?.items ?? {}) as JsonObject);
    if (asked[name]?.type !== 'array') content[name] = value as string | number | boolean;
    else {
      const chosen = String(value)
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== '');
      if (chosen.some((each) => !choices.some(([choice]) => choice === each))) return { action: 'cancel' };
      content[name] = chosen;
    }
  }
  return { action: 'accept', content };
}

const propertiesOf = (schema: JsonObject): { readonly [name: string]: JsonObject } =>
  (schema.properties ?? {}) as { readonly [name: string]: JsonObject };

const formOf = (schema: JsonObject): JsonObject => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(propertiesOf(schema)).map(([name, property]) => [name, fieldOf(property)]),
  ),
  required: (schema.required ?? []) as Json,
});

const KEPT = ['format', 'minLength', 'maxLength', 'minimum', 'maximum', 'default'] as const;

function fieldOf(property: JsonObject): JsonObject {
  const isMany = property.type === 'array';
  const choices = choicesOf(isMany ? ((property.items ?? {}) as JsonObject) : property);
  const titled = choices
    .filter(([choice, title]) => title !== choice)
    .map(([choice, title]) => `${choice} = ${title}`);
  const said = [
    ...(typeof property.description === 'string' ? [property.description] : []),
    ...(isMany ? [`any of ${choices.map(([choice]) => choice).join(', ')}, with commas between`] : []),
    ...(titled.length > 0 ? [titled.join(', ')] : []),
  ].join('; ');
  const { title } = property;
  const kept = KEPT.filter((key) => property[key] !== undefined).map((key) => [key, property[key]]);
  const { default: usual } = property;
  return {
    ...Object.fromEntries(kept),
    type: isMany ? 'string' : (property.type ?? 'string'),
    ...(typeof title === 'string' && { title: quoted(title) }),
    ...(said !== '' && { description: quoted(said) }),
    ...(!isMany && choices.length > 0 && { enum: choices.map(([choice]) => choice) }),
    ...(isMany && Array.isArray(usual) && { default: usual.join(', ') }),
  };
}

/** Each with its title: of `enum`, `enum` with `enumNames`, and `oneOf` or `anyOf` with `const`. */
function choicesOf(property: JsonObject): readonly (readonly [choice: string, title: string])[] {
  const listed = (property.enum ?? []) as readonly Json[];
  const names = (property.enumNames ?? []) as readonly Json[];
  const titled = (property.oneOf ?? property.anyOf ?? []) as readonly JsonObject[];
  return [
    ...listed.map((each, at) => [String(each), String(names[at] ?? each)] as const),
    ...titled.map((each) => [String(each.const), String(each.title ?? each.const)] as const),
  ];
}
