/**
 * Who may answer a question, as far as names tell: callers are `face:name`, and a face may know people or not.
 * What an MCP client calls itself is its own word: where a person is asked, `ann` never means `mcp:ann`.
 */
import type { Json } from './model.ts';
import type { QuestionState } from './state.ts';

/** `cli:ann` and `rest:ann` are one; so are two agents behind clients of one name, who cannot be told apart. */
export const isSamePerson = (one: string, other: string): boolean => nameOf(one) === nameOf(other);

/** Without the face. */
const nameOf = (caller: string): string => caller.slice(caller.indexOf(':') + 1);

/** Is the caller one of the names? */
export function isNamed(
  names: readonly string[],
  caller: string,
  askedOf: QuestionState['askedOf'],
): boolean {
  const isOwnWord = askedOf === 'human' && caller.startsWith('mcp:');
  return names.some((name) => name === caller || (!isOwnWord && name === nameOf(caller)));
}

export const approvalsNeeded = ({ answerers }: QuestionState): number => answerers?.approvals ?? 1;

/** Yes to an approval, bare or with its reason. */
export const isApproving = (answer: Json): boolean =>
  answer === true ||
  (typeof answer === 'object' && answer !== null && 'approved' in answer && answer.approved === true);

/** Why the caller's own part in the run, or in the answer so far, keeps them from answering; else undefined. */
export function partProblem(
  question: QuestionState,
  requesters: readonly string[],
  by: string,
): string | undefined {
  const { id, answerers, approvals = [] } = question;
  if (answerers?.not_requester && requesters.some((requester) => isSamePerson(requester, by)))
    return `\`${by}\` has created the run, or changed what it was given, and may not answer \`${id}\``;
  if (approvals.some((given) => isSamePerson(given.by, by)))
    return `\`${by}\` has approved \`${id}\` before; somebody else has to`;
  return undefined;
}

/** The claim of somebody else that keeps `by` from it; one whose time is over counts no more. */
export function claimOfOther(
  { claim }: QuestionState,
  by: string,
  now: number,
): QuestionState['claim'] | undefined {
  return claim && claim.by !== by && claim.until > now ? claim : undefined;
}
