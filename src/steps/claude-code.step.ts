/** `claude_code`: another name for an `agent` step whose provider is the Claude Code command line. */
import { claudeCodeFields, claudeCodeKinds } from './agent/agent-fields.ts';
import { agentType } from './agent/agent-type.ts';

export const claudeCodeStep = agentType({
  type: 'claude_code',
  summary: 'Give a goal to the Claude Code command line',
  schema: claudeCodeFields,
  fields: claudeCodeKinds,
  fieldsOf: (config) => ({ ...claudeCodeFields.parse(config), providers: ['claude_code'] }),
});
