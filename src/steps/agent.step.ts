/**
 * `agent`: a goal for a language model, with the files and the answer it needs. Owns what the type is called and which
 * fields it has; the work is in `agent/`.
 */
import { agentFields, agentKinds } from './agent/agent-fields.ts';
import { agentType } from './agent/agent-type.ts';

export const agentStep = agentType({
  type: 'agent',
  summary: 'Give a goal to a language model',
  schema: agentFields,
  fields: agentKinds,
  fieldsOf: (config) => agentFields.parse(config),
});
