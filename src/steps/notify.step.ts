/**
 * `notify`: tells people by Slack, webhook, mail or on their desktop, and other runs by a signal. The call is made in the host and at most once.
 * Owns what the step promises; the fields, the targets and the delivery are in `notify/`.
 */
import type * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import { NOTIFY_MS_MAX } from '../engine/core/limits.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { deliver, type Notification, nameOf, notificationOf } from './notify/notification.ts';
import { kindsOf, notifyFields, targetsOf } from './notify/notify-fields.ts';
import { oneLine, wordsOf } from './notify/words.ts';

export const notifyStep: StepType<z.ZodObject> = {
  type: 'notify',
  summary: 'Notify people by Slack, webhook, mail or desktop, or another run by a signal',
  schema: notifyFields,
  fields: {
    message: 'template',
    title: 'template',
    slack: 'template',
    webhook: 'template',
    email: 'template',
    signal: 'template',
    desktop: 'literal',
    to: 'template',
    allow_private: 'literal',
  },
  effects: 'remote',
  onFailure: 'continue',

  begin(context) {
    const call = notificationOf(context, notifyFields.parse(context.step.config));
    if (!call.ok) return call;
    return ok({
      kind: 'call',
      call: call.value,
      repeatable: call.value.repeatable,
      timeoutMs: NOTIFY_MS_MAX,
    });
  },

  perform(call, io) {
    return deliver(call as Notification, io);
  },

  plan(context) {
    const fields = notifyFields.parse(context.step.config);
    const words = wordsOf(context, fields);
    const said = words.ok
      ? (words.value.title ?? words.value.message)
      : (fields.title ?? fields.message ?? '');
    const what = said === '' ? 'notifies' : `says \`${oneLine(said)}\` to`;
    const call = notificationOf(context, fields);
    if (call.ok) return { does: `${what} ${call.value.targets.map(nameOf).join(', ')}` };
    const kinds = targetsOf(fields).flatMap(kindsOf);
    return { does: `${what} ${kinds.join(', ')}`, unknown: call.error.message };
  },
};
