/** An idempotency key that was used before: the earlier run is the answer only where it was asked for the same. */
import type { EventOf } from '../engine/core/events.ts';
import { sameJson } from '../engine/core/same-json.ts';
import { failed } from './answers.ts';
import type { Belay } from './belay.ts';
import { asAsked } from './given-artifacts.ts';
import type { ToolResult } from './tool.ts';

type Created = EventOf<'run.created'>;

/** Undefined when the request is that of the run, as it was first made: a resume may have changed its inputs since. */
export function otherRequest(belay: Belay, runId: string, request: Created): ToolResult | undefined {
  const read = belay.journal.read(runId);
  const first = read.ok ? read.value[0]?.event : undefined;
  // a run that cannot be read is told of when it is shown
  if (first?.type !== 'run.created') return undefined;
  const differing = [
    ...(first.digest === request.digest ? [] : ['definition']),
    ...(sameJson(asAsked(first.inputs, first.given), asAsked(request.inputs, request.given))
      ? []
      : ['inputs']),
    ...(first.cwd === request.cwd ? [] : ['cwd']),
    ...(first.on_failure === request.on_failure ? [] : ['on_failure']),
    ...(first.no_cache === request.no_cache ? [] : ['no_cache']),
  ];
  if (differing.length === 0) return undefined;
  return failed({
    code: 'conflict',
    message: `idempotency key \`${request.idempotency_key}\` belongs to run \`${runId}\`, found other ${differing.join(', ')} now`,
    hint: 'use a new key for a new request; nothing was started',
    next: [{ tool: 'workflow_status', arguments: { run_id: runId }, why: 'see the run of this key' }],
  });
}
