/**
 * A whole notification as data, and its delivery: all targets at once, so that none waits for a slow one.
 * 1. What was delivered stays told: by the log, by the failure, and by a note where the call may be made again.
 */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { CallIo, Outcome, StepContext } from '../../engine/core/step-type.ts';
import type { HttpCall } from '../http/http-call.ts';
import { type DesktopPopup, desktopPopup, showPopup } from './desktop-popup.ts';
import { type Mail, mailOf } from './mail.ts';
import { type NotifyFields, type TargetFields, targetsOf } from './notify-fields.ts';
import { someFailed } from './notify-messages.ts';
import { type RunSignal, runSignal, sendRunSignal } from './run-signal.ts';
import { sendWebMessage, slackCall, webhookCall } from './web-message.ts';
import { type Words, wordsOf } from './words.ts';

/** Types, not interfaces, so that they count as JSON. */
type Target =
  | { readonly to: 'slack' | 'webhook'; readonly web: HttpCall }
  | { readonly to: 'email'; readonly mail: Mail }
  | { readonly to: 'signal'; readonly told: RunSignal }
  | { readonly to: 'desktop'; readonly popup: DesktopPopup };

export type Notification = {
  readonly targets: readonly Target[];
  /** Indices of those that an earlier host has reached. */
  readonly reached: readonly number[];
  readonly repeatable: boolean;
};

export function notificationOf(context: StepContext, fields: NotifyFields): Result<Notification, Failure> {
  const words = wordsOf(context, fields);
  if (!words.ok) return words;
  const targets: Target[] = [];
  for (const written of targetsOf(fields)) {
    const target = targetOf(context, written, words.value, fields.allow_private ?? false);
    if (!target.ok) return target;
    targets.push(target.value);
  }
  return ok({ targets, reached: context.notes.flatMap(indexIn), repeatable: context.step.idempotent });
}

const indexIn = (note: Json): readonly number[] => {
  const { reached } = note as { readonly reached?: number };
  return reached === undefined ? [] : [reached];
};

function targetOf(
  context: StepContext,
  { slack, webhook, email, signal }: TargetFields,
  words: Words,
  allowPrivate: boolean,
): Result<Target, Failure> {
  if (slack !== undefined) {
    const web = slackCall(context, slack, words, allowPrivate);
    return web.ok ? ok({ to: 'slack', web: web.value }) : web;
  }
  if (webhook) {
    const web = webhookCall(context, webhook, words, allowPrivate);
    return web.ok ? ok({ to: 'webhook', web: web.value }) : web;
  }
  if (email) {
    const mail = mailOf(context, email, words, allowPrivate);
    return mail.ok ? ok({ to: 'email', mail: mail.value }) : mail;
  }
  if (signal) {
    const told = runSignal(context, signal, words);
    return told.ok ? ok({ to: 'signal', told: told.value }) : told;
  }
  const popup = desktopPopup(context, words);
  return popup.ok ? ok({ to: 'desktop', popup: popup.value }) : popup;
}

/** Who is notified, without anything that could be a secret. */
export function nameOf(target: Target): string {
  if (target.to === 'desktop') return 'the desktop';
  if (target.to === 'signal') return `run ${target.told.runId} by signal \`${target.told.name}\``;
  if (target.to === 'email') return `${target.mail.to.map(({ address }) => address).join(', ')} by mail`;
  const { host } = new URL(target.web.url);
  return target.to === 'slack' ? `Slack at \`${host}\`` : `the webhook at \`${host}\``;
}

/** Rejects when the signal is given, once no target is being talked to any more. */
export async function deliver(call: Notification, io: CallIo): Promise<Outcome> {
  const ends = await Promise.allSettled(call.targets.map((target, index) => reach(call, target, index, io)));
  const failed: [string, Failure][] = [];
  const sent: JsonObject[] = [];
  for (const [index, end] of ends.entries()) {
    if (end.status === 'rejected') throw end.reason;
    const target = call.targets[index] as Target;
    if (end.value.ok) sent.push({ to: target.to, ...end.value.value });
    else failed.push([nameOf(target), end.value.error]);
  }
  if (failed.length === 0) return { ok: true, outputs: { sent } };
  const [only] = failed;
  const names = call.targets.filter((_, index) => isReached(ends[index])).map(nameOf);
  return {
    ok: false,
    failure: ends.length === 1 && only ? only[1] : someFailed(failed, names),
    outputs: { sent },
  };
}

type End = PromiseSettledResult<Result<JsonObject, Failure>>;
const isReached = (end: End | undefined): boolean => end?.status === 'fulfilled' && end.value.ok;

async function reach(
  { reached, repeatable, targets }: Notification,
  target: Target,
  index: number,
  io: CallIo,
): Promise<Result<JsonObject, Failure>> {
  if (reached.includes(index)) return ok({});
  const result = await send(target, io);
  if (!result.ok) {
    io.log(`not sent to ${nameOf(target)}: ${result.error.message}\n`);
    return err(result.error);
  }
  io.log(`sent to ${nameOf(target)}\n`);
  if (repeatable && targets.length > 1) await io.note({ reached: index });
  return result;
}

async function send(target: Target, io: CallIo): Promise<Result<JsonObject, Failure>> {
  const { signal } = io;
  if (target.to === 'signal') return sendRunSignal(target.told, io);
  if (target.to === 'email') {
    const { sendMail } = await import('./send-mail.ts');
    return sendMail(target.mail, signal);
  }
  if (target.to === 'desktop') return showPopup(target.popup, signal);
  return sendWebMessage(target.web, signal);
}
