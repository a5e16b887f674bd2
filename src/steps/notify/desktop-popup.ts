/**
 * A notification on the desktop: the program that shows it, started without a shell. Its words stand in the program's
 * arguments for the moment that it runs, because these programs read them nowhere else.
 */
import { spawn } from 'node:child_process';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { desktopFailed, desktopMissing } from './notify-messages.ts';
import type { Words } from './words.ts';

/** A type, not an interface, so that it counts as JSON. */
export type DesktopPopup = {
  /** Absolute. */
  readonly program: string;
  readonly arguments: readonly string[];
  readonly env: { readonly [name: string]: string };
};

/** A desktop shows a few lines. */
const SHOWN_CHARS_MAX = 1_000;

/** Only these: the others may hold secrets that are no business of the desktop. */
const OF_THE_RUN = ['HOME', 'LANG', 'PATH', 'USER', 'XDG_RUNTIME_DIR'];
/** Where the desktop of this machine is, which only its own processes know. */
const OF_THE_SESSION = ['DBUS_SESSION_BUS_ADDRESS', 'DISPLAY', 'WAYLAND_DISPLAY'];

export function desktopPopup(context: StepContext, words: Words): Result<DesktopPopup, Failure> {
  const environment = context.environment();
  if (!environment.ok) return environment;
  const env = picked(environment.value, OF_THE_RUN);
  const title = words.title ?? 'Belay';
  const message = words.message.slice(0, SHOWN_CHARS_MAX).toWellFormed();
  const linux = context.which('notify-send');
  // the text may hold markup, the title does not
  if (linux !== undefined)
    return ok({ program: linux, arguments: ['--app-name=Belay', '--', title, escaped(message)], env });
  const mac = context.which('osascript');
  if (mac === undefined) return err(desktopMissing());
  const script = [
    'on run argv',
    'display notification (item 1 of argv) with title (item 2 of argv)',
    'end run',
  ];
  const lines = script.flatMap((line) => ['-e', line]);
  return ok({ program: mac, arguments: [...lines, '--', message, title], env });
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const picked = (all: { readonly [name: string]: string | undefined }, names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]))) as {
    readonly [name: string]: string;
  };

const STDERR_CHARS_MAX = 1_000;

/** Rejects when the signal is given; the program ends with it. */
export function showPopup(popup: DesktopPopup, signal: AbortSignal): Promise<Result<JsonObject, Failure>> {
  const { program } = popup;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(program, popup.arguments, {
      env: { ...picked(process.env, OF_THE_SESSION), ...popup.env },
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      if (stderr.length < STDERR_CHARS_MAX) stderr += piece;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason);
      else resolve(err(desktopFailed(program, error.code ?? 'it cannot be started')));
    });
    child.on('close', (code, killedBy) => {
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve(ok({}));
      else resolve(err(desktopFailed(program, stderr || `it ended with ${killedBy ?? `exit code ${code}`}`)));
    });
  });
}
