/**
 * Questions of runs that a person answers on a page of this server (url-mode elicitation), because no form can be shown.
 * 1. What the client says of it is nobody's answer: `accept` means that the address was opened, everything else that it
 *    was not. The answer goes from the page into the run, and only the run tells that it is there.
 * 2. The address gives no right to answer, so that any client may have it.
 */
import { randomUUID } from 'node:crypto';
import { type InputRequiredResult, inputRequired, type ServerContext } from '@modelcontextprotocol/server';
import { ok } from '../engine/core/failure.ts';
import { foldEvents, loadRun } from '../engine/host/load-run.ts';
import { log } from '../engine/host/log.ts';
import type { Belay } from '../tools/belay.ts';
import type { FormAsk } from '../tools/tool.ts';
import { type FormResponses, fitsForm, PERSON_MS_MAX, readResponse } from './ask.ts';
import type { Client } from './client.ts';

/** A call that is sent again after the address was opened: less than the minute that clients wait for an answer. */
const OPENED_MS_MAX = 45_000;

/** Address of the page; undefined where there is none that a browser could open. */
export type QuestionUrl = (runId: string, questionId: string) => string | undefined;

/** What is waited for. */
export interface OpenPage {
  readonly id: string;
  readonly runId: string;
}

interface PageAsk extends OpenPage {
  readonly message: string;
  readonly url: string;
}

/** Forms of the client, and pages of this server. */
export interface Ways {
  readonly forms: readonly FormAsk[];
  readonly pages: readonly PageAsk[];
}

/** How this client can ask all of it, in forms where it can; undefined where it cannot. */
export function waysToAsk(
  asks: readonly FormAsk[],
  { showsForms, opensPages }: Client,
  questionUrl: QuestionUrl | undefined,
): Ways | undefined {
  const forms = asks.filter((ask) => showsForms && fitsForm(ask));
  const pages = asks
    .filter((ask) => !forms.includes(ask))
    .flatMap(({ id, message, runId }) => {
      const url = opensPages && runId !== undefined ? questionUrl?.(runId, id) : undefined;
      return url === undefined || runId === undefined ? [] : [{ id, runId, message, url }];
    });
  return forms.length + pages.length === asks.length ? { forms, pages } : undefined;
}

/** For the answer to a client of 2026-07-28. */
export const pageRequests = (pages: readonly PageAsk[]): NonNullable<InputRequiredResult['inputRequests']> =>
  Object.fromEntries(pages.map(({ id, message, url }) => [id, inputRequired.elicitUrl({ message, url })]));

interface Waiting {
  readonly belay: Belay;
  readonly mcp: ServerContext;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** After a client of 2026-07-28 has sent its call again: those that were not answered in time, as cancelled. */
export async function returnedPages(pages: readonly OpenPage[], waiting: Waiting): Promise<FormResponses> {
  const returned = waiting.mcp.mcpReq.inputResponses ?? {};
  const untilMs = Date.now() + OPENED_MS_MAX;
  const open: OpenPage[] = [];
  for (const page of pages) {
    const response = readResponse(Object.hasOwn(returned, page.id) ? returned[page.id] : undefined);
    const isOpened = response.action === 'accept';
    if (!(isOpened && (await isClosed(page, untilMs, waiting)))) open.push(page);
  }
  return cancelled(open);
}

/** Sends a 2025-era client to the pages, one after the other; the result is as after `returnedPages`. */
export async function openPages(pages: readonly PageAsk[], waiting: Waiting): Promise<FormResponses> {
  const { mcp, signal } = waiting;
  const open: OpenPage[] = [];
  for (const page of pages) {
    const { message, url } = page;
    const elicitationId = randomUUID();
    try {
      const params = { mode: 'url', message, url, elicitationId };
      const options = { timeout: PERSON_MS_MAX, signal };
      const response = readResponse(await mcp.mcpReq.send({ method: 'elicitation/create', params }, options));
      const isOpened = response.action === 'accept';
      if (isOpened && (await isClosed(page, Date.now() + PERSON_MS_MAX, waiting)))
        await mcp.mcpReq.notify({ method: 'notifications/elicitation/complete', params: { elicitationId } });
      else open.push(page);
    } catch (err) {
      log.info({ err, question: page.id }, 'the client did not open a page');
      open.push(page);
    }
  }
  return cancelled(open);
}

const cancelled = (open: readonly OpenPage[]): FormResponses =>
  Object.fromEntries(open.map(({ id }) => [id, { action: 'cancel' }]));

/** Waits until nobody can answer the question any more: somebody has, or its time or its run is over. */
async function isClosed(
  { runId, id }: OpenPage,
  untilMs: number,
  { belay, signal }: Waiting,
): Promise<boolean> {
  let loaded = loadRun(belay.journal, runId);
  while (loaded.ok && loaded.value.questions.get(id)?.status === 'open') {
    if (Date.now() >= untilMs || signal.aborted) return false;
    await belay.changes.next(untilMs, signal);
    const read = belay.journal.read(runId, loaded.value.seq);
    if (!read.ok) return true;
    loaded = read.value.length === 0 ? ok(loaded.value) : foldEvents(read.value, loaded.value);
  }
  return true;
}
