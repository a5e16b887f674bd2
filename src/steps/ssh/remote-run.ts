/**
 * One program on the other machine: given to its `sh`, listened to, told to end when it should. Knows no step; what the
 * end means is said by whoever asked.
 * 1. Nothing runs there before the whole program has been read, so that a failure to send it is no unknown outcome.
 */
import type { ClientChannel } from 'ssh2';
import { SSH_DRAIN_MS } from '../../engine/core/limits.ts';
import type { Lease } from './connection-pool.ts';
import type { RemoteOutput } from './remote-output.ts';

export interface RemoteProgram {
  readonly commandLine: string;
  readonly text: string;
  readonly output: RemoteOutput;
  /** Ends it: its standard input ends, which its watcher takes for the word. */
  readonly stop: AbortSignal;
  /** How long it is waited for after that. */
  readonly stopMs: number;
}

export type RemoteEnd =
  /** Nothing was sent. */
  | { readonly kind: 'unsent' }
  | { readonly kind: 'ended'; readonly code?: number; readonly signal?: string; readonly isHeldOpen: boolean }
  /** The connection went first. */
  | { readonly kind: 'lost' }
  /** It was told to, and may or may not have ended by now. */
  | { readonly kind: 'stopped' };

export async function runRemote(lease: Lease, program: RemoteProgram): Promise<RemoteEnd> {
  const channel = await openChannel(lease, program.commandLine);
  if (!channel) return { kind: 'unsent' };
  return attend(lease, channel, program);
}

function openChannel({ connection }: Lease, commandLine: string): Promise<ClientChannel | undefined> {
  return new Promise((resolve) => {
    const { client, gone } = connection;
    const opened = (channel: ClientChannel | undefined) => {
      gone.removeEventListener('abort', onGone);
      resolve(channel);
    };
    const onGone = () => opened(undefined);
    gone.addEventListener('abort', onGone, { once: true });
    try {
      client.exec(commandLine, (error, channel) => opened(error ? undefined : channel));
    } catch {
      // it throws where the connection is gone already
      opened(undefined);
    }
  });
}

function attend(
  { connection: { gone } }: Lease,
  channel: ClientChannel,
  { text, output, stop, stopMs }: RemoteProgram,
): Promise<RemoteEnd> {
  return new Promise((resolve) => {
    let exit: { readonly code?: number; readonly signal?: string } | undefined;
    let timer: NodeJS.Timeout | undefined;
    const end = (how: RemoteEnd) => {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
      gone.removeEventListener('abort', onGone);
      output.end();
      channel.close();
      resolve(how);
    };
    const ended = (isHeldOpen: boolean) =>
      stop.aborted ? end({ kind: 'stopped' }) : end({ kind: 'ended', ...exit, isHeldOpen });
    const onGone = () => (exit ? ended(false) : end({ kind: stop.aborted ? 'stopped' : 'lost' }));
    const onStop = () => {
      channel.end();
      timer = setTimeout(() => end({ kind: 'stopped' }), stopMs);
    };
    /** Something that the command has left running may hold its output open for ever. */
    const drain = () => {
      if (!exit || stop.aborted) return;
      clearTimeout(timer);
      timer = setTimeout(() => ended(true), SSH_DRAIN_MS);
    };
    const take = (name: 'stdout' | 'stderr') => (chunk: Buffer) => {
      if (!output.write(name, chunk)) channel.close();
      drain();
    };
    channel.on('data', take('stdout'));
    channel.stderr.on('data', take('stderr'));
    channel.on('exit', (code: number | null, signal?: string) => {
      exit = { ...(code !== null && { code }), ...(signal && { signal }) };
      drain();
    });
    channel.on('error', () => {});
    channel.on('close', () => (exit || !gone.aborted ? ended(false) : onGone()));
    gone.addEventListener('abort', onGone, { once: true });
    stop.addEventListener('abort', onStop, { once: true });
    channel.write(text);
    if (stop.aborted) onStop();
    else if (gone.aborted) onGone();
  });
}
