/** What an ssh step would do, for a dry run: nobody is asked, nothing is opened. */
import type { PlannedAction, StepContext } from '../../engine/core/step-type.ts';
import { sshCall } from './ssh-call.ts';
import type { SshFields } from './ssh-fields.ts';
import { shownHop } from './ssh-hop.ts';

export function planSsh(context: StepContext, fields: SshFields): PlannedAction {
  const call = sshCall(context, fields);
  const { upload = [], download = [] } = fields;
  const command = fields.command === undefined ? undefined : context.renderText(fields.command);
  const cwd = fields.cwd === undefined ? undefined : context.renderText(fields.cwd);
  const where = call.ok ? shownHop(call.value.target.hop) : `\`${fields.host}\``;
  const jumps = call.ok
    ? call.value.target.jumps.map(shownHop)
    : (fields.jump ?? []).map((jump) => `\`${jump}\``);
  const user = call.ok ? call.value.command?.sudo : undefined;
  const acts = [
    ...(upload.length > 0 ? [`uploads ${counted(upload.length)} to ${where}`] : []),
    ...(command
      ? [`runs a ${fields.detach ? 'detached ' : ''}script on ${where}${user ? ` as \`${user}\`` : ''}`]
      : []),
    ...(download.length > 0 ? [`downloads ${counted(download.length)} from ${where}`] : []),
  ];
  return {
    does: `${acts.join(', ')}${jumps.length > 0 ? ` through ${jumps.join(', ')}` : ''}`,
    // for reading only: what runs holds references in place of these values
    ...(command && { command: command.ok ? command.value : (fields.command as string) }),
    ...(cwd && { cwd: cwd.ok ? cwd.value : (fields.cwd as string) }),
    ...(!call.ok && { unknown: call.error.message }),
  };
}

const counted = (count: number): string => (count === 1 ? 'one entry' : `${count} entries`);
