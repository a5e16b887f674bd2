/**
 * A call of a tool: found, approved, its arguments checked, called, and what it returns checked again.
 * 1. A tool is called only after its definition and the arguments were checked.
 */
import {
  type CallToolResult,
  type JsonSchemaType,
  LOG_LEVEL_META_KEY,
  type Tool,
} from '@modelcontextprotocol/client';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { Outcome } from '../../engine/core/step-type.ts';
import { answerContent, textIn } from './answer-content.ts';
import { approveDefinition } from './approve-definition.ts';
import { failed, succeeded } from './call-outcome.ts';
import { valueProblems } from './check-value.ts';
import type { McpTarget } from './mcp-call.ts';
import { answerMisfits, argumentsInvalid, missing, toolError } from './mcp-messages.ts';
import { nearestNames } from './nearest-names.ts';
import { offers, type Session } from './session.ts';
import { type ToolDefinition, toolDefinition } from './tool-definition.ts';
import { expiryOf, type Work } from './work.ts';

type Target = Extract<McpTarget, { readonly kind: 'tool' }>;

/** A tool as the server describes it now. */
export interface FoundTool {
  readonly tool: Tool;
  readonly definition: ToolDefinition;
}

export async function callTool(session: Session, target: Target, work: Work): Promise<Outcome> {
  const { call, log } = work;
  const listed = await listTools(session);
  const found = listed.ok ? toolAmong(session, listed.value, target.name) : listed;
  if (!found.ok) return failed(call, found.error);
  const checked = await check(session, target, found.value, work);
  if (!checked.ok) return failed(call, checked.error);
  const { tool, definition } = found.value;
  // of the newer era a server logs to those only who ask for it, of the older one by itself
  const wantsLog = session.client.getProtocolEra() === 'modern' && {
    _meta: { [LOG_LEVEL_META_KEY]: 'info' },
  };
  const params = { name: target.name, arguments: target.arguments, ...wantsLog };
  const onprogress = (told: Progress) => log(progressText(told));
  // what it returns is checked here: the SDK has no bound for that
  const { outputSchema: _, ...unchecked } = tool;
  const answer = await session.ask((options) =>
    session.client.callTool(params, { ...options, onprogress, toolDefinition: unchecked }),
  );
  if (!answer.ok) return failed(call, answer.error);
  const known = { tool: tool.name, definition_sha256: definition.sha256, definition_pin: definition.pin };
  return outcomeOf(tool, known, answer.value, work);
}

interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

const progressText = ({ progress, total, message }: Progress): string =>
  `progress ${progress}${total === undefined ? '' : ` of ${total}`}${message === undefined ? '' : `: ${message}`}\n`;

/** All that the server has; or why it cannot be asked. */
export const listTools = (session: Session): Promise<Result<readonly Tool[], Failure>> =>
  session.ask(async (options) =>
    offers(session, 'tools') ? (await session.client.listTools(undefined, options)).tools : [],
  );

/** Failure `tool_missing`. */
export function toolAmong(
  session: Session,
  tools: readonly Tool[],
  name: string,
): Result<FoundTool, Failure> {
  const tool = tools.find((each) => each.name === name);
  if (tool) return ok({ tool, definition: toolDefinition(tool) });
  const names = tools.map((each) => each.name);
  return err(missing('tool', name, session.label, nearestNames(name, names)));
}

/** Whether it may be called as it is described now. Failures `definition_changed`, `rejected`, `expired`. */
export function admitTool(
  session: Session,
  { tool, definition }: FoundTool,
  work: Work,
): Promise<Result<void, Failure>> {
  const { call, log } = work;
  log(`tool \`${tool.name}\`: pin ${definition.pin}\n`);
  if (call.pin !== undefined || call.asks) log(`${definition.text}\n`);
  const terms = {
    call,
    tool: tool.name,
    server: session.label,
    definition,
    expiresAtMs: expiryOf(call),
  };
  return approveDefinition(terms, work);
}

async function check(
  session: Session,
  target: Target,
  found: FoundTool,
  work: Work,
): Promise<Result<void, Failure>> {
  const { tool } = found;
  const approved = await admitTool(session, found, work);
  const problems = approved.ok ? argumentProblems(tool, target.arguments) : [];
  if (problems.length === 0) return approved;
  work.log(`its input schema: ${JSON.stringify(tool.inputSchema)}\n`);
  return err(argumentsInvalid(tool.name, problems));
}

/** A schema that cannot be checked is left to the server, which knows what it takes. */
function argumentProblems(tool: Tool, given: JsonObject): readonly string[] {
  const problems = valueProblems(tool.inputSchema as JsonSchemaType, given);
  return problems.ok ? problems.value : [];
}

/** Of a tool that says what it returns. */
function answerProblems({ outputSchema }: Tool, structured: Json | undefined): readonly string[] {
  if (outputSchema === undefined) return [];
  if (structured === undefined) return ['it has no structured content'];
  const problems = valueProblems(outputSchema as JsonSchemaType, structured);
  return problems.ok ? problems.value : [problems.error];
}

async function outcomeOf(
  tool: Tool,
  known: JsonObject,
  { content: given, structuredContent, isError = false }: CallToolResult,
  { call }: Work,
): Promise<Outcome> {
  const blocks = given as unknown as readonly JsonObject[];
  const text = textIn(blocks);
  const structured = structuredContent as Json | undefined;
  const seen = { ...known, is_error: isError, text };
  if (isError) return failed(call, toolError(tool.name, text, structured), seen);
  const problems = answerProblems(tool, structured);
  if (problems.length > 0) return failed(call, answerMisfits(tool.name, problems), seen);
  const content = await answerContent(blocks, call);
  if (!content.ok) return failed(call, content.error, seen);
  const got = { text, content: content.value, ...(structured !== undefined && { structured }) };
  return succeeded(call, { ...known, is_error: false }, got);
}
