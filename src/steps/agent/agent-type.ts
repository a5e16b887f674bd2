/**
 * What `agent` and `claude_code` have in common: everything but their fields.
 * Where the first provider is the caller, the step asks and nobody has to wait in a process; else it makes a call.
 */
import type * as z from 'zod';
import { type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { AGENT_ASKED_BYTES_MAX, KILL_GRACE_MS } from '../../engine/core/limits.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { Action, FieldKind, StepContext, StepType } from '../../engine/core/step-type.ts';
import { expired } from '../messages.ts';
import { answerersOf } from '../question/answerer-fields.ts';
import { type AgentCall, agentCall } from './agent-call.ts';
import type { AgentFields } from './agent-fields.ts';
import { askedAnswer } from './agent-outcome.ts';
import { askedSchema, goalText } from './goal.ts';
import { readInputs } from './read-inputs.ts';

export interface AgentTypeParts {
  readonly type: string;
  readonly summary: string;
  readonly schema: z.ZodObject;
  readonly fields: { readonly [field: string]: FieldKind };
  /** The fields of `agent` that the config stands for. */
  fieldsOf(config: JsonObject): AgentFields;
}

const EFFECTS = { restricted: 'none', standard: 'workspace', privileged: 'remote' } as const;

export function agentType({
  type,
  summary,
  schema,
  fields,
  fieldsOf,
}: AgentTypeParts): StepType<z.ZodObject> {
  return {
    type,
    summary,
    schema,
    fields,
    effects: 'remote',

    effectsOf(config) {
      const { security_profile: profile = 'restricted', mcp_tools: mcpTools } = fieldsOf(config);
      return mcpTools ? 'remote' : EFFECTS[profile];
    },

    begin(context) {
      return begun(context, fieldsOf(context.step.config));
    },

    async perform(call, io) {
      const { performAgent } = await import('./perform-agent.ts');
      return performAgent(call as AgentCall, io);
    },

    answered(context, answer) {
      return askedAnswer(fieldsOf(context.step.config).schema as JsonObject | undefined, answer);
    },

    expired(context) {
      return { ok: false, failure: expired(context.key) };
    },

    plan(context) {
      const call = agentCall(context, fieldsOf(context.step.config));
      if (!call.ok) return { does: 'asks an agent', unknown: call.error.message };
      const who = call.value.providers.map((one) =>
        'model' in one ? `${one.kind} (${one.model})` : one.kind,
      );
      const { profile, prompt, mcp } = call.value;
      const more = mcp.map(({ name, tools }) => `, ${tools.join(' and ')} of MCP server ${name}`).join('');
      return { does: `asks ${who.join(', else ')} (${profile}${more}): ${prompt}` };
    },
  };
}

function begun(context: StepContext, written: AgentFields): Result<Action, Failure> {
  const call = agentCall(context, written);
  if (!call.ok) return call;
  const { providers, limits, mcp } = call.value;
  const mayAsk = mcp.length > 0 || providers.some(({ kind }) => kind === 'caller');
  if (providers[0].kind === 'caller') return asked(context, call.value);
  return ok({
    kind: 'call',
    call: call.value,
    repeatable: isRepeatable(call.value),
    // the budget is the first to end it, and says so; whoever is asked takes the time it takes
    ...(!mayAsk && limits.ms !== undefined && { timeoutMs: limits.ms + KILL_GRACE_MS }),
  });
}

/** The loop goes on from its notes; another program does not. */
const isRepeatable = ({ providers: [first], profile, idempotent }: AgentCall): boolean =>
  first.kind !== 'claude_code' || profile === 'restricted' || idempotent;

function asked(context: StepContext, call: AgentCall): Result<Action, Failure> {
  const inputs = readInputs(call.workspace, call.inputs, AGENT_ASKED_BYTES_MAX);
  if (!inputs.ok) return inputs;
  return ok({
    kind: 'ask',
    ask: {
      kind: 'agent',
      askedOf: 'agent',
      prompt: goalText(call, inputs.value),
      schema: askedSchema(call.schema),
      ...answerersOf(call),
      ...(call.expiresMs !== undefined && { expiresAtMs: context.nowMs + call.expiresMs }),
    },
  });
}
