/** A question as a person reads it in a browser: what `belay answer` shows of it, and what became of it. */
import type { QuestionState, RunState } from '../../engine/core/state.ts';
import { openQuestions } from '../../tools/open-questions.ts';
import { questionView } from '../../tools/question-view.ts';
import type { ToolError } from '../../tools/tool.ts';
import { htmlText } from '../html-text.ts';
import { formFields } from './answer-form.ts';
import { problemText } from './page.ts';

export interface Asked {
  readonly run: RunState;
  readonly question: QuestionState;
  readonly nowMs: number;
}

interface FormOptions {
  readonly caller: string;
  readonly formToken: string;
  /** Why this person may not answer it. */
  readonly refused?: ToolError | undefined;
  /** What was wrong with what they have sent, and what that was. */
  readonly problem?: ToolError | undefined;
  readonly sent?: URLSearchParams | undefined;
}

/** An open question with its form. */
export function openBody(asked: Asked, { caller, formToken, refused, problem, sent }: FormOptions): string {
  const { digest } = questionView(asked.run, asked.question, { nowMs: asked.nowMs });
  const form = `<form method="post">
<h2>Your answer, as ${htmlText(caller)}</h2>
${formFields(asked.question.schema, sent)}
<input type="hidden" name="digest" value="${digest}"><input type="hidden" name="token" value="${formToken}">
<button>Answer</button>
</form>`;
  return `${problem ? problemText(problem) : ''}
${shownText(asked)}
${refused ? problemText(refused) : form}
${othersText(asked)}`;
}

/** One that nobody can answer any more. */
export const closedBody = (asked: Asked): string => `${outcomeText(asked)}
${shownText(asked)}
${othersText(asked)}`;

function shownText({ run, question, nowMs }: Asked): string {
  const { prompt, context, step, kind, approvals, by, roles, not_requester, expires_at, claimed_by } =
    questionView(run, question, { nowMs });
  const { given, needed } = approvals ?? { given: [], needed: 0 };
  const who = [...(by ?? []), ...(roles ?? []).map((role) => `role ${role}`)];
  const facts = [
    `Workflow ${run.workflow.name}, step ${step}, run ${run.runId}: ${run.status.replaceAll('_', ' ')}`,
    ...(approvals
      ? [`${given.length} of ${needed} approved${given.length > 0 ? `: ${given.join(', ')}` : ''}`]
      : []),
    ...(who.length > 0 ? [`For ${who.join(', ')}`] : []),
    ...(not_requester ? ['Not for whoever started the run'] : []),
    ...(expires_at === undefined ? [] : [`To be answered until ${expires_at}`]),
    ...(claimed_by === undefined ? [] : [`Claimed by ${claimed_by}`]),
  ];
  return `<h2>${kind === 'approval' ? 'To be approved' : 'Asked'}</h2>
<pre>${htmlText(prompt)}</pre>
${context === undefined ? '' : `<h2>What it is about</h2>\n<pre>${htmlText(context.trimEnd())}</pre>`}
<ul>${facts.map((fact) => `<li>${htmlText(fact)}</li>`).join('')}</ul>`;
}

function outcomeText({ run, question }: Asked): string {
  const { status, by, answer } = question;
  if (status === 'answered') {
    const said = answer === undefined ? '' : `<pre>${htmlText(JSON.stringify(answer, null, 2))}</pre>`;
    return `<p role="status"><b>Answered</b> by ${htmlText(by ?? 'somebody')}. You can close this page.</p>${said}`;
  }
  const why = status === 'expired' ? 'Nobody answered in time' : 'It is no longer asked';
  const reason = run.reason === undefined ? '' : `: ${run.reason}`;
  return `<p role="status"><b>${why}.</b> The run is ${htmlText(run.status.replaceAll('_', ' ') + reason)}.</p>`;
}

/** Questions of the same run that wait besides. */
function othersText({ run, question }: Asked): string {
  const others = openQuestions(run).filter(({ id }) => id !== question.id);
  if (others.length === 0) return '';
  const items = others.map(({ id }) => `<li><a href="${encodeURIComponent(id)}">${htmlText(id)}</a></li>`);
  return `<h2>Also open in this run</h2><ul>${items.join('')}</ul>`;
}
