/**
 * What the other machine's `sh` reads from its standard input. Values and scripts travel there as single-quoted words:
 * a command line would show them to every user of that machine, and servers seldom take variables from clients.
 * 1. Each program is one compound command: `sh` begins only when it has read the whole, so that one cut off does nothing.
 * 2. Names of its own begin with `belay_`, and values are set last.
 */

import { shellQuote } from '../../engine/core/shell-quote.ts';
import { plainCommand } from '../plain-command.ts';
import type { SshCommand } from './ssh-call.ts';

/** What the login's shell, whatever it is, is told: nothing in it comes from a value but a checked user's name. */
export const commandLine = (sudo: string | undefined): string =>
  sudo === undefined ? 'exec /bin/sh' : `exec sudo -n -H -u ${shellQuote(sudo)} -- /bin/sh`;

/** Where a program says how it got on, on both streams, before the command's own output. */
export const sayFunction = (mark: string): string =>
  `belay_say() { printf '%s\\n' "${mark}$1"; printf '%s\\n' "${mark}$1" >&2; }`;

/** `~` is expanded by hand, for a quoted one is not; a name that begins with `-` is no option. */
function directoryWord(cwd: string): string {
  if (cwd === '~') return '"$HOME"';
  if (cwd.startsWith('~/')) return `"$HOME"/${shellQuote(cwd.slice(2))}`;
  return shellQuote(cwd.startsWith('-') ? `./${cwd}` : cwd);
}

/** Goes to the directory and finds the shell, or says which is missing. */
export function preparation({ cwd, shell }: SshCommand): readonly string[] {
  const enter =
    cwd === undefined
      ? []
      : [`CDPATH= cd -- ${directoryWord(cwd)} >/dev/null 2>&1 || { belay_say cwd; exit 0; }`];
  const has = (name: string) => `command -v ${name} >/dev/null 2>&1`;
  const find =
    shell === undefined
      ? `if ${has('bash')}; then belay_shell=bash; else belay_shell=sh; fi`
      : `${has(shell)} && belay_shell=${shell} || { belay_say shell; exit 0; }`;
  return [...enter, find];
}

/**
 * A bash that was started by sshd reads `.bashrc` even for a script, unless it believes that another shell is around it;
 * and where `sh` is a bash, it takes one off as it makes room.
 */
export const exportsOf = ({ env }: SshCommand): readonly string[] => [
  ...Object.entries(env).map(([name, value]) => `export ${name}=${shellQuote(value)}`),
  'export SHLVL=2',
];

/** How the script is run, as `$@`, which no variable can change. A `sh` or `dash` may not know `pipefail`. */
export const SHELL_WORDS = `case $belay_shell in
bash|zsh) set -- $belay_shell -euo pipefail;;
*) set -- $belay_shell -eu;;
esac`;

const PLAIN_SHELLS = {
  bash: ['bash', '-euo', 'pipefail', '-c'],
  sh: ['sh', '-eu', '-c'],
  dash: ['dash', '-eu', '-c'],
  zsh: [],
} as const;

/** A plain command needs no shell of its own, where none would read a file first and the program is there. */
function plainLine({ shell = 'bash', script, env }: SshCommand): string {
  const words = plainCommand({ shell: PLAIN_SHELLS[shell], script, env });
  if (!words) return '';
  return `[ -n "\${BASH_ENV-}" ] || { hash ${words[0]} 2>/dev/null && exec ${words.join(' ')} 3<&-; }\n`;
}

/**
 * The command in the place of this `sh`, so that its status and signal reach the server as they are, and beside it a
 * watcher: when standard input ends while the command runs (told so, or the connection was lost) it ends the
 * command's process group, TERM first and KILL after the grace. Which group that is it finds out only then.
 */
export function supervisedProgram(command: SshCommand, mark: string): string {
  const graceSeconds = (command.killGraceMs / 1_000).toFixed(3).replace(/\.?0+$/, '');
  return `{
${[sayFunction(mark), ...preparation(command), SHELL_WORDS].join('\n')}
exec 3<&0 </dev/null
(
trap '' TERM HUP INT PIPE
exec >/dev/null 2>&1
read -r belay_a <&3
kill -0 $$ || exit 0
read -r belay_a </proc/$$/stat
set -- \${belay_a##*) }
case $3 in
$$${command.sudo === undefined ? '' : '|$2'}) belay_target=-$3;;
*) belay_target=$$;;
esac
kill -TERM $belay_target
sleep ${graceSeconds} || sleep 1
kill -KILL $belay_target
) &
belay_say go
${exportsOf(command).join('\n')}
${plainLine(command)}exec "$@" -c ${shellQuote(command.script)} 3<&-
}
`;
}
