/**
 * `ssh`: runs a command on another machine, and moves files there and back. The call is made in the host and ends with it,
 * unless it is detached. Owns what the step promises; fields, connection, command and files are in `ssh/`.
 */
import type * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { configParser } from './config-parser.ts';
import { planSsh } from './ssh/plan-ssh.ts';
import { type SshCall, sshCall } from './ssh/ssh-call.ts';
import { sshFields } from './ssh/ssh-fields.ts';

const fieldsOf = configParser(sshFields);

export const sshStep: StepType<z.ZodObject> = {
  type: 'ssh',
  summary: 'Run a command on another machine',
  schema: sshFields,
  fields: {
    host: 'template',
    port: 'template',
    user: 'template',
    auth: 'template',
    host_key: 'template',
    known_hosts: 'template',
    jump: 'template',
    command: 'shell',
    shell: 'literal',
    cwd: 'template',
    sudo: 'template',
    detach: 'literal',
    upload: 'template',
    download: 'template',
    allow_outside: 'literal',
    max_bytes: 'literal',
    output_limit: 'literal',
    on_output_limit: 'literal',
    kill_grace: 'literal',
  },
  effects: 'remote',

  effectsOf(config) {
    const { command, upload } = fieldsOf(config);
    return (command ?? upload) === undefined ? 'workspace' : 'remote';
  },

  begin(context) {
    const call = sshCall(context, fieldsOf(context.step.config));
    return call.ok ? ok({ kind: 'call', call: call.value, repeatable: call.value.repeatable }) : call;
  },

  async perform(call, io) {
    const { performSsh } = await import('./ssh/perform-ssh.ts');
    return performSsh(call as SshCall, io);
  },

  plan(context) {
    return planSsh(context, fieldsOf(context.step.config));
  },
};
