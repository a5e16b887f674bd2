/** Which tools have a view, and which of them the view may call itself: it looks and cancels, and starts nothing. */
import type { Client } from '../client.ts';
import { RUN_VIEW_URI } from './run-view-uri.ts';

export type AnswerMeta = {
  readonly ui: { readonly resourceUri?: string; readonly visibility?: readonly string[] };
};

/** Their answers are run views. */
const SHOWN: ReadonlySet<string> = new Set([
  'workflow_execute',
  'workflow_status',
  'workflow_answer',
  'workflow_cancel',
  'workflow_resume',
  'workflow_rollback',
]);
const CALLED_BY_VIEW: ReadonlySet<string> = new Set(['workflow_status', 'workflow_cancel']);

/** Of a tool as it is listed for a host that has views. */
export const toolMeta = (tool: string): AnswerMeta => ({
  ui: {
    ...(SHOWN.has(tool) && { resourceUri: RUN_VIEW_URI }),
    ...(!CALLED_BY_VIEW.has(tool) && { visibility: ['model'] }),
  },
});

/** Of the answer of a tool; undefined where there is nothing to show, or nobody to show it. */
export const answerMeta = ({ showsViews }: Client, tool: string): AnswerMeta | undefined =>
  showsViews && SHOWN.has(tool) ? { ui: { resourceUri: RUN_VIEW_URI } } : undefined;
