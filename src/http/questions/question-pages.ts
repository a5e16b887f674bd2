/**
 * `/questions/RUN/QUESTION`: a person reads a question in a browser and answers it there.
 * 1. Who has not proved to be a person sees a field for the proof, and learns nothing else.
 * 2. A form counts only with the session of a person and the token of that session; it answers the question that was read.
 */
import { readRequestBody } from '@modelcontextprotocol/server';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { loadRun } from '../../engine/host/load-run.ts';
import { unknownRun } from '../../tools/answers.ts';
import type { Belay } from '../../tools/belay.ts';
import { callerProblem, findOpen } from '../../tools/question-rules.ts';
import { recordAnswer } from '../../tools/questions.ts';
import type { ToolContext, ToolError } from '../../tools/tool.ts';
import { errorOf, problem, statusOf } from '../problem.ts';
import type { HttpEnv, Site } from '../site.ts';
import { formAnswer } from './answer-form.ts';
import { entryPage, page, problemText } from './page.ts';
import { isFormToken, type PersonSession, SESSION_SECONDS } from './persons.ts';
import { type Asked, closedBody, openBody } from './question-body.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';
const PATH = '/questions';

type Answer = (site: Site, c: Context<HttpEnv>) => Promise<Response>;

/** GET */
export const questionPage: Answer = async (site, c) => {
  const session = await sessionOf(site, c);
  if (!session) return entryPage(await site.persons.proof());
  if (isTooFast(site, session)) return failedPage(tooMany);
  return shown(site, c, session, {});
};

/** POST: the proof, or the answer. */
export const questionForm: Answer = async (site, c) => {
  const sent = await formBody(c.req.raw, site.bounds.bodyBytesMax);
  if (!sent.ok) return problem(sent.error);
  const proof = sent.value.get('proof');
  if (proof !== null) return enter(site, c, proof.trim());
  const session = await sessionOf(site, c);
  if (!session || !isFormToken(session, sent.value.get('token')))
    return entryPage(await site.persons.proof(), 401, notNow);
  if (isTooFast(site, session)) return failedPage(tooMany);
  return answer(site, c, session, sent.value);
};

const sessionOf = ({ persons }: Site, c: Context<HttpEnv>): Promise<PersonSession | undefined> =>
  persons.find(getCookie(c, persons.cookieName));

/** Requests of one key count together, wherever they come in. */
const isTooFast = ({ calls }: Site, { access }: PersonSession): boolean =>
  access !== undefined && calls.take(access.caller) > 0;

async function enter(site: Site, c: Context<HttpEnv>, proof: string): Promise<Response> {
  const entered = await site.persons.enter(proof);
  if (!entered.ok) {
    // what cannot be recognized is counted by address, as everywhere
    const waitMs = site.refusals.take(c.env.incoming.socket.remoteAddress ?? 'unknown');
    const error = waitMs > 0 ? tooMany : entered.error;
    return entryPage(await site.persons.proof(), statusOf(error.code), error);
  }
  setCookie(c, site.persons.cookieName, entered.value, {
    path: PATH,
    httpOnly: true,
    sameSite: 'Strict',
    secure: site.questionAddress.isSecure,
    maxAge: SESSION_SECONDS,
  });
  return c.redirect(c.req.path, 303);
}

async function answer(
  site: Site,
  c: Context<HttpEnv>,
  session: PersonSession,
  sent: URLSearchParams,
): Promise<Response> {
  const found = await findAsked(site, c);
  if (!found.ok) return failedPage(found.error);
  const { belay, asked } = found.value;
  const { run, question } = asked;
  const given = formAnswer(question.schema, sent);
  const digest = sent.get('digest') ?? '';
  const context = contextOf(site, belay, session, c);
  const refused = recordAnswer(context, run.runId, question.id, { answer: given, digest, via: 'form' });
  if (refused) return shown(site, c, session, { problem: errorOf(refused), sent });
  return c.redirect(c.req.path, 303);
}

interface Sent {
  readonly problem?: ToolError;
  readonly sent?: URLSearchParams;
}

async function shown(
  site: Site,
  c: Context<HttpEnv>,
  session: PersonSession,
  { problem: error, sent }: Sent,
): Promise<Response> {
  const found = await findAsked(site, c);
  if (!found.ok) return failedPage(found.error);
  const { belay, asked } = found.value;
  const { run, question } = asked;
  const status = error ? statusOf(error.code) : 200;
  if (question.status !== 'open') return page(`Question ${question.id}`, closedBody(asked), status);
  const context = contextOf(site, belay, session, c);
  const refused = callerProblem(context, run, question);
  const { formToken, caller } = session;
  const body = openBody(asked, { formToken, caller, refused, problem: error, sent });
  return page(`Question ${question.id}`, body, status);
}

async function findAsked(
  site: Site,
  c: Context<HttpEnv>,
): Promise<Result<{ readonly belay: Belay; readonly asked: Asked }, ToolError>> {
  const opened = await site.open();
  if (!opened.ok) return err({ ...opened.error });
  const belay = opened.value;
  const runId = c.req.param('run_id') ?? '';
  const loaded = loadRun(belay.journal, runId);
  if (!loaded.ok) {
    const { code, message } = loaded.error;
    return err(code === 'unknown_run' ? errorOf(unknownRun(belay, runId)) : { code: 'corrupt', message });
  }
  const run = loaded.value;
  const id = c.req.param('question_id') ?? '';
  const question = run.questions.get(id);
  if (question) return ok({ belay, asked: { run, question, nowMs: belay.clock.now() } });
  const unknown = findOpen({ belay } as ToolContext, run, id);
  return err(unknown as ToolError);
}

const contextOf = (
  site: Site,
  belay: Belay,
  { caller, access }: PersonSession,
  c: Context<HttpEnv>,
): ToolContext => ({
  belay,
  signal: AbortSignal.any([c.req.raw.signal, site.leaving]),
  caller,
  human: true,
  ...(access && { roles: access.roles }),
  canAsk: false,
  cwd: site.cwd,
  progress: () => {},
});

async function formBody(request: Request, bytesMax: number): Promise<Result<URLSearchParams, ToolError>> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== FORM_TYPE) {
    const message = `expected a form, of type \`${FORM_TYPE}\``;
    return err({ code: 'wrong_media_type', message, hint: 'open this address in a browser' });
  }
  const body = await readRequestBody(request, bytesMax);
  if (body.tooLarge) return err({ code: 'too_large', message: `the form has more than ${bytesMax} bytes` });
  return ok(new URLSearchParams(body.text));
}

const failedPage = (error: ToolError): Response =>
  page('There is no question to show', problemText(error), statusOf(error.code));

const notNow: ToolError = {
  code: 'unauthorized',
  message: 'this page has been open for too long, or was not made by this server; nothing was answered',
};

const tooMany: ToolError = { code: 'rate_limited', message: 'too many tries; wait a moment' };
