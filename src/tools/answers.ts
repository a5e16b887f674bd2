/** Tool results in their two forms, and the errors that several tools share. One place words them. */
import type { Diagnostic } from '../definition/diagnostic.ts';
import { isFinal, type RunStatus } from '../engine/core/events.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { RequestRefused } from '../engine/host/run-requests.ts';
import {
  cutObject,
  cutText,
  firstWithin,
  HINT_BYTES_MAX,
  LIST_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  STRUCTURED_BYTES_MAX,
  TEXT_BYTES_MAX,
} from './answer-budget.ts';
import type { Belay } from './belay.ts';
import { nearestText } from './nearest-text.ts';
import type { ResourceLink, ToolError, ToolResult } from './tool.ts';

/** Named in an error so that the caller need not ask again. */

export const done = (structured: JsonObject, text: string, links?: readonly ResourceLink[]): ToolResult => ({
  kind: 'done',
  structured,
  text: cutText(text, TEXT_BYTES_MAX, 'the rest is in the structured answer'),
  ...(links && links.length > 0 && { links }),
});

/** Names and texts of the caller go into errors: neither may make one long. */
export const failed = (error: ToolError): ToolResult => ({
  kind: 'error',
  error: {
    ...error,
    message: cutText(error.message, MESSAGE_BYTES_MAX, 'the rest is not shown'),
    ...(error.hint !== undefined && { hint: cutText(error.hint, HINT_BYTES_MAX, 'the rest is not shown') }),
    ...(error.data && { data: cutObject(error.data, STRUCTURED_BYTES_MAX, 'too long to show') }),
  },
});

export function unknownWorkflow(belay: Belay, name: string): ToolResult {
  const names = belay.library.list().map((entry) => entry.name);
  return failed({
    code: 'unknown_workflow',
    message: `workflow \`${name}\` is not known; ${nearestText(name, names)}`,
    hint: 'workflow_list shows all of them; an inline workflow goes into `definition`',
    next: [{ tool: 'workflow_list', arguments: {}, why: 'see which workflows there are' }],
  });
}

export function unknownRun(belay: Belay, runId: string): ToolResult {
  const latest = belay.journal.runIds('', 200);
  return failed({
    code: 'unknown_run',
    message: `run \`${runId}\` is not known; ${nearestText(runId, latest)}`,
    hint: 'workflow_history lists the runs of this data directory',
    next: [{ tool: 'workflow_history', arguments: { limit: 10 }, why: 'find the run id' }],
  });
}

export function invalidDefinition(diagnostics: readonly Diagnostic[]): ToolResult {
  const errors = diagnostics.filter((each) => each.severity === 'error');
  return failed({
    code: 'invalid_definition',
    message: `the definition has ${errors.length} ${errors.length === 1 ? 'error' : 'errors'}:\n${errors.map(diagnosticLine).join('\n')}`,
    hint: 'mend these and call again; workflow_validate checks without running',
    data: { diagnostics: diagnosticsJson(diagnostics) },
  });
}

export function diagnosticLine(diagnostic: Diagnostic): string {
  const place =
    diagnostic.line === undefined
      ? diagnostic.path
      : `line ${diagnostic.line}, column ${diagnostic.column ?? 1}`;
  const hint = diagnostic.hint === undefined ? '' : ` (${diagnostic.hint})`;
  return `${place === '' ? '' : `${place}: `}${diagnostic.code}: ${diagnostic.message}${hint}`;
}

/** As many as an answer holds; the last one says how many more there are. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): readonly JsonObject[] {
  const shown = firstWithin(diagnostics, LIST_BYTES_MAX);
  const left = diagnostics.length - shown.length;
  const more = { severity: 'info', code: 'limit', message: `${left} more are not shown`, path: '' };
  return [...shown.map((each) => ({ ...each })), ...(left > 0 ? [more] : [])];
}

const REFUSAL_HINTS: { readonly [code in RequestRefused['code']]: string } = {
  unknown_run: 'workflow_history lists the runs of this data directory',
  corrupt: '`belay doctor` says what is damaged',
  invalid_input: 'correct the argument, then call again',
  not_allowed: 'workflow_status shows what the run is doing and what can be done next',
  storage: 'free space on the disk of the data directory, then call again; nothing was changed',
  busy: 'call again',
};

export function refusedRequest(belay: Belay, runId: string, refused: RequestRefused): ToolResult {
  if (refused.code === 'unknown_run') return unknownRun(belay, runId);
  return failed({
    code: refused.code === 'not_allowed' ? 'conflict' : refused.code,
    message: refused.message,
    hint: REFUSAL_HINTS[refused.code],
    ...wordsOfRefusal(runId, refused),
    next: [{ tool: 'workflow_status', arguments: { run_id: runId }, why: 'see where the run stands' }],
  });
}

/** As `evolve` words it: by the event that was to be appended, which nobody who asks knows. */
const NOT_ALLOWED = /^`([a-z_.]+)` cannot happen to a run that is ([a-z_]+)$/;

const REFUSED_ACTS: { readonly [event: string]: string } = {
  'run.resumed': 'it cannot be resumed',
  'run.pause_requested': 'it cannot be paused',
  'run.cancel_requested': 'it cannot be cancelled',
  'signal.received': 'it takes no more signals',
  'question.answered': 'it takes no answers now',
  'question.approved': 'it takes no answers now',
  'unwind.requested': 'it cannot be rolled back now',
};

/** The same in the words of whoever asked; nothing for another refusal. */
function wordsOfRefusal(
  runId: string,
  { message }: RequestRefused,
): Partial<Pick<ToolError, 'message' | 'hint'>> {
  const [, event = '', status = ''] = NOT_ALLOWED.exec(message) ?? [];
  const act = REFUSED_ACTS[event];
  if (act === undefined) return {};
  const isOver = isFinal(status as RunStatus) && status !== 'rolled_back';
  const stands = isOver ? `has ended (${status})` : `is ${status.replaceAll('_', ' ')}`;
  const again =
    event === 'run.resumed' && status === 'rolled_back'
      ? { hint: `start it again with \`belay rerun ${runId}\`` }
      : {};
  return { message: `run \`${runId}\` ${stands}: ${act}`, ...again };
}
