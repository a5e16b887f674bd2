/**
 * Who may answer a question, as `approval` and `input` write it. Owns the fields; the rule is `engine/core/answerers.ts`,
 * and the faces say who somebody is.
 */
import * as z from 'zod';
import { CAPABILITY, CAPABILITY_EXPECTED } from '../../engine/core/capability.ts';
import { CAPABILITIES_MAX } from '../../engine/core/limits.ts';
import type { Answerers } from '../../engine/core/question-events.ts';
import type { FieldKind } from '../../engine/core/step-type.ts';

const NAMES_MAX = 100;
const NAME_CHARS_MAX = 200;

/** Of a question for agents. */
export const capabilitiesField = z
  .array(z.string().regex(CAPABILITY, `expected ${CAPABILITY_EXPECTED}`))
  .min(1)
  .max(CAPABILITIES_MAX)
  .describe('What an agent that takes the question must be able to do; a claim says so');

/** Fixed when the definition is written: whoever gives the inputs of a run must not choose who approves it. */
export const namesField = z
  .array(
    z
      .string()
      .max(NAME_CHARS_MAX)
      .regex(/^[^\s{}][^{}]*$/, 'expected a name, without {{ }}'),
  )
  .min(1)
  .max(NAMES_MAX);

export const answererFields = {
  by: namesField
    .optional()
    .describe('Who may answer: `ann`, or with the face `cli:ann`; with `roles` either is enough'),
  roles: namesField.optional().describe('Roles that may answer, such as `approver`'),
  not_requester: z.boolean().optional().describe('Whoever created the run may not answer'),
};

export const answererKinds = {
  by: 'literal',
  roles: 'literal',
  not_requester: 'literal',
} as const satisfies {
  readonly [field: string]: FieldKind;
};

interface Written {
  readonly by?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly not_requester?: boolean | undefined;
  readonly approvals?: number | undefined;
  readonly capabilities?: readonly string[] | undefined;
}

/** Nothing where the step leaves it open. */
export function answerersOf(written: Written): { readonly answerers?: Answerers } {
  const { by, roles, not_requester, approvals = 1, capabilities } = written;
  const answerers: Answerers = {
    ...(by && { by }),
    ...(roles && { roles }),
    ...(not_requester && { not_requester }),
    ...(approvals > 1 && { approvals }),
    ...(capabilities && { capabilities }),
  };
  return Object.keys(answerers).length === 0 ? {} : { answerers };
}
