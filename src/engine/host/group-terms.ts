/**
 * What the first event of a run says of its concurrency group: the name, rendered from what the run is created with.
 * 1. A run that is part of another one of its group shares the place: it would wait for its own end.
 */
import { renderText } from '../../definition/expression/evaluate.ts';
import type { EventOf, ParentStep } from '../core/events.ts';
import { err, type Failure, ok, type Result } from '../core/failure.ts';
import { GROUP_CHARS_MAX } from '../core/limits.ts';
import type { JsonObject, Workflow } from '../core/model.ts';
import type { Journal } from '../core/ports.ts';
import { loadRun } from './load-run.ts';

interface GroupRequest {
  readonly workflow: Workflow;
  readonly inputs: JsonObject;
  readonly env: { readonly [name: string]: string };
  readonly cwd: string;
  readonly nowMs: number;
  readonly parent?: ParentStep | undefined;
}

type GroupTerms = Pick<EventOf<'run.created'>, 'group' | 'on_conflict'>;

/** Nothing for a run that is in no group. Failure `expression`, or `request_invalid` for what is no name. */
export function groupTerms(journal: Journal, request: GroupRequest): Result<GroupTerms, Failure> {
  const { concurrency } = request.workflow;
  if (!concurrency) return ok({});
  const name = nameOf(concurrency.group, request);
  if (!name.ok) return name;
  const group = name.value;
  if (isInside(journal, group, request.parent)) return ok({});
  const { onConflict } = concurrency;
  return ok({ group, ...(onConflict !== 'queue' && { on_conflict: onConflict }) });
}

function nameOf(
  template: string,
  { workflow, inputs, env, cwd, nowMs }: GroupRequest,
): Result<string, Failure> {
  const run = { workflow: workflow.name, version: workflow.version, cwd };
  const rendered = renderText(template, { names: { inputs, env, run }, step: () => undefined, cwd, nowMs });
  if (!rendered.ok) return rendered;
  const name = rendered.value.trim();
  return name !== '' && name.length <= GROUP_CHARS_MAX ? ok(name) : err(nameInvalid(name));
}

const nameInvalid = (name: string): Failure => ({
  code: 'request_invalid',
  retry: 'final',
  message: `\`concurrency.group\` has ${name.length} characters, expected 1 to ${GROUP_CHARS_MAX}`,
  hint: 'correct the inputs that it is made of',
});

/** Some run that this one is part of has the group. */
function isInside(journal: Journal, group: string, parent: ParentStep | undefined): boolean {
  let above = parent;
  while (above) {
    const run = loadRun(journal, above.run);
    if (!run.ok) return false;
    if (run.value.group === group) return true;
    above = run.value.parent;
  }
  return false;
}
