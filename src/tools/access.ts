/**
 * What the roles of a caller allow, for faces that know their callers by keys. A table over the tools, deny by default:
 * a tool that nobody has ranked here is for admins.
 * 1. Commands that somebody brings along (a definition, plain commands, another directory) need `author`.
 * 2. Words of a person need `approver`; which questions those are is for `question-rules.ts`.
 */
import type { JsonObject } from '../engine/core/model.ts';
import { failed } from './answers.ts';
import type { ToolResult } from './tool.ts';

export const ROLES = ['viewer', 'operator', 'approver', 'author', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Somebody whom a face has recognized. */
export interface Access {
  /** For the journal. */
  readonly caller: string;
  readonly roles: readonly Role[];
}

/** Who may do what a role may. */
const HOLDERS: { readonly [role in Role]: readonly Role[] } = {
  viewer: ROLES,
  operator: ['operator', 'author', 'admin'],
  approver: ['approver', 'admin'],
  author: ['author', 'admin'],
  admin: ['admin'],
};

type Needs = (args: JsonObject) => readonly Role[];

const bringsCommands = (args: JsonObject): boolean =>
  ['definition', 'commands', 'cwd'].some((name) => args[name] !== undefined);

const viewer: Needs = () => ['viewer'];
const operator: Needs = () => ['operator'];
const authorOr =
  (otherwise: Role): Needs =>
  (args) => [bringsCommands(args) ? 'author' : otherwise];

/** One of the roles is enough. */
const NEEDS: { readonly [tool: string]: Needs } = {
  workflow_list: viewer,
  workflow_suggest: viewer,
  workflow_autocomplete: viewer,
  workflow_status: viewer,
  workflow_history: viewer,
  workflow_validate: authorOr('viewer'),
  workflow_execute: authorOr('operator'),
  workflow_resume: authorOr('operator'),
  workflow_cancel: operator,
  workflow_rollback: operator,
  workflow_answer: () => ['operator', 'approver'],
  workflow_create: () => ['author'],
  workflow_analytics: viewer,
};

const ADMIN_ONLY: Needs = () => ['admin'];

/** Does somebody with these roles hold that one? */
export const holds = (roles: readonly Role[], role: Role): boolean =>
  roles.some((each) => HOLDERS[role].includes(each));

/** May this caller speak for a person? */
export const speaksForPerson = ({ roles }: Access): boolean => holds(roles, 'approver');

/** Why the call is not the caller's to make; undefined where it is. */
export function refusedCall(access: Access, tool: string, args: JsonObject): ToolResult | undefined {
  const needed = (Object.hasOwn(NEEDS, tool) ? NEEDS[tool] : undefined) ?? ADMIN_ONLY;
  const roles = needed(args);
  if (roles.some((role) => holds(access.roles, role))) return undefined;
  const wanted = roles.map((role) => `\`${role}\``).join(' or ');
  return failed({
    code: 'forbidden',
    message: `${what(tool, args)} needs role ${wanted}; \`${access.caller}\` has ${access.roles.join(', ') || 'none'}`,
    hint: 'ask whoever runs this server for a key with that role (`belay keys add`)',
  });
}

const what = (tool: string, args: JsonObject): string => {
  const brought = ['definition', 'commands', 'cwd'].find((name) => args[name] !== undefined);
  return brought === undefined ? `\`${tool}\`` : `\`${brought}\` in \`${tool}\``;
};
