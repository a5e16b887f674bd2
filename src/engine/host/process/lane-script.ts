/**
 * The shell text that a lane obeys: its functions, sent once, and a short text for each attempt.
 * Owns quoting and the order of acts that `attempt-files` relies on. Does not spawn.
 * 1. Values travel through the lane's pipe only: never in an argument list, never on disk.
 * 2. One fork and one exec for each step, everything else is a builtin; only a step with a timeout has a watcher.
 * 3. The text stays short, because a shell reads a pipe byte by byte.
 * 4. A text that was cut when this program died runs nothing: its last word is the attempt's name, in quotes.
 */
import { plainCommand } from '../../../steps/plain-command.ts';
import { LEASE_MS } from '../../core/limits.ts';
import { shellQuote } from '../../core/shell-quote.ts';
import type { ProcessSpec } from '../../core/step-type.ts';

export interface LaneShell {
  readonly path: string;
  /** Job control gives each step its process group; without it `setsid` does, for one exec more. */
  readonly jobControl: boolean;
  /** Program put before the step's shell where there is no job control. */
  readonly setsid?: string;
}

/** One string of an argument list or environment in Linux (MAX_ARG_STRLEN), its NUL included. */
const STRING_BYTES_MAX = 128 * 1024;

/** Names that bash will not let anyone set, or sets itself. */
const SHELL_OWNED = new Set([
  ...['BASHOPTS', 'BASH_ARGC', 'BASH_ARGV', 'BASH_LINENO', 'BASH_SOURCE', 'BASH_VERSINFO'],
  ...['EUID', 'PIPESTATUS', 'PPID', 'SHELLOPTS', 'UID', '_'],
]);

/** Names that make bash complain of a locale this machine lacks: the step's own shell may, the lane must not. */
const LOCALE = /^(LANG|LC_\w+)$/;

/** Names with a life of their own in bash, which ends when they are unset. */
const DYNAMIC =
  /^(BASH_\w+|BASHPID|COMP_WORDBREAKS|DIRSTACK|EPOCH\w+|FUNCNAME|GROUPS|HISTCMD|LINENO|OPTIND|S?RANDOM|SECONDS)$/;

/**
 * `s` proves the start of the attempt it is given, `d` enters a folder, `w` waits for a process; `g job script more name`
 * runs an attempt and tells its end: to the status file (fd 4) first, then to the host (fd 3); `-` when somebody else
 * had decided. What begins with `_b` is the lane's own: no step's environment is held under such a name here.
 */
export function prologue(shell: LaneShell, boot: string, umask: number, procStat: boolean): string {
  // The kernel's line as it is: taking it apart here would cost each step more than opening its log.
  const self = procStat ? 'read -r _bl </proc/self/stat' : `_bl="$(exec sh -c 'echo $PPID')"`;
  // What this program was given open by its own parent must not be held open by steps that outlive both.
  // (A plain sh has no words for descriptors of two digits.)
  const numbers = shell.jobControl ? '[4-9]|??*' : '[4-9]';
  const strays = procStat
    ? `for d in /proc/self/fd/*;do d=\${d##*/};case $d in ${numbers}) eval "exec $d>&-";;esac;done 2>/dev/null;`
    : '';
  return `${strays}${shell.jobControl ? 'set -m;' : ''}umask 077;unset SHLVL;export BELAY_ATTEMPT
s(){ ${self};echo "$_bl ${boot} $$" >&4||exit 126;[ ! -e "$1.gone" ]||{ echo given_up >&4;exit 126;};}
d(){ cd -- "$1" 2>/dev/null||{ echo "working directory \\\`$1\\\` cannot be entered" >&2;exit 126;};umask ${umask.toString(8)};unset PWD OLDPWD;}
${waiting(shell)}
g(){ [ "$4" ]||return;_br=-;set -C;{ set +C;"$1" "$2" "$3" "$4" & w $!;echo "exit $_br" >&4;} 4>"$4.status";set +C;_bt=;echo "$_br" >&3;}
`;
}

/**
 * `w` waits. A step with a timeout (`_bt` seconds, then `_bk` more before KILL) has a watcher beside it, `z`, which acts
 * only when no host has: it needs process groups, its own to be ended in, and the step's.
 */
function waiting(shell: LaneShell): string {
  // `wait` returns for a step that was stopped (SIGSTOP), too. Not `wait -f`: bash 5.2 sometimes spins in it forever.
  const wait = 'wait $1;_br=$?;while [ $_br -gt 128 ]&&kill -0 $1;do sleep 1;wait $1;_br=$?;done';
  return shell.jobControl
    ? `z(){ sleep $_bt;kill -0 $1||return;echo timeout >&4;kill -TERM -- -$1;sleep $_bk;kill -KILL -- -$1;}
w(){ [ -z "$_bt" ]||{ z $1 </dev/null 3>&- & _bw=$!;};${wait};[ -z "$_bt" ]||kill -KILL -- -$_bw;}`
    : `w(){ ${wait};}`;
}

type Environment = ProcessSpec['env'];

/** What the lane's next steps have in common: folder, environment and shell. */
export interface SharedTerms extends Pick<ProcessSpec, 'cwd' | 'shell' | 'env'> {}

/**
 * A shell that is given a language opens a dozen files for it, so the lane takes the language once and its steps
 * inherit it. Only names of languages that leave ASCII alone: the lane reads its own text in them.
 */
const LANGUAGE_NAMES = ['LANG', 'LC_ALL', 'LC_CTYPE', 'LC_MESSAGES', 'LC_COLLATE', 'LC_NUMERIC', 'LC_TIME'];
const PLAIN_LANGUAGE = /^([A-Za-z_]+\.)?(C|POSIX|UTF-?8)$/i;

/** Names that mean nothing to the lane's own shell: it may hold them for its steps. */
const HELD =
  /^(HOME|USER|LOGNAME|TERM|EDITOR|VISUAL|PAGER|DEBIAN_FRONTEND|(GIT|GCM|SSH|PIP|XDG|NODE|NPM)_[A-Z_]+)$/;

const isHeld = ([name, value]: readonly [string, string]): boolean =>
  HELD.test(name) || (LANGUAGE_NAMES.includes(name) && PLAIN_LANGUAGE.test(value));

/**
 * Sent when it changes, which is seldom: what the lane holds for its steps in place of what it held `before`, then its
 * two jobs, `j` with one log and `k` with two streams apart. Each is given script, more terms, name.
 */
export function sharedText(shell: LaneShell, shared: SharedTerms, before?: SharedTerms): string {
  const entries = Object.entries(shared.env);
  const held = entries.filter(isHeld).map(([name, value]) => `${name}=${shellQuote(value)}`);
  const gone = Object.entries(before?.env ?? {}).filter(isHeld);
  const unset = [...LANGUAGE_NAMES, ...gone.map(([name]) => name)].join(' ');
  const own = exports(shell, Object.fromEntries(entries.filter((entry) => !isHeld(entry))));
  const program = [...(shell.setsid ? [shell.setsid] : []), ...shared.shell].map(shellQuote).join(' ');
  const job = (name: string, logs: string) =>
    `${name}(){ s "$3";exec </dev/null ${logs} 3>&- 4>&-||exit 126;d ${shellQuote(shared.cwd)};BELAY_ATTEMPT=$3;${own}eval "$2";exec ${program} "$1";}\n`;
  return `unset ${unset};${held.length > 0 ? `export ${held.join(' ')};` : ''}
${job('j', '>>"$3.log" 2>&1')}${job('k', '>>"$3.out" 2>>"$3.err"')}`;
}

/** The text that runs one attempt; `env` is what goes beyond the shared environment. */
export function attemptText(shell: LaneShell, name: string, spec: ProcessSpec, env: Environment): string {
  const job = spec.separate.length > 0 ? 'k' : 'j';
  const stdin = spec.stdin === undefined ? '' : takeStdin(spec.stdin);
  const more = `${stdin}${exports(shell, env)}${become(shell, plainCommand(spec))}`;
  return `${watch(spec)}g ${job} ${shellQuote(spec.script)} ${shellQuote(more)} ${shellQuote(name)}\n`;
}

/** What no shell starts a program for either, and how it ends. */
const ENDS_AT_ONCE: { readonly [word: string]: string } = { true: 'exit 0;', false: 'exit 1;' };

/** With the variables that a shell would have set for it. A program that is not there is the step's shell's to tell. */
function become(shell: LaneShell, words: readonly string[] | undefined): string {
  if (!words) return '';
  const end = words.length === 1 ? ENDS_AT_ONCE[words[0] ?? ''] : undefined;
  if (end !== undefined) return end;
  const program = [...(shell.setsid ? [shellQuote(shell.setsid)] : []), ...words].join(' ');
  return `cd -P .;export PWD SHLVL=0;hash ${words[0]} 2>/dev/null&&exec ${program};`;
}

const takeStdin = (path: string): string =>
  `[ -f ${shellQuote(path)} ]&&[ -r ${shellQuote(path)} ]||{ echo ${shellQuote(`stdin \`${path}\` cannot be read`)} >&2;exit 126;};exec <${shellQuote(path)};`;

/** Late enough for any host that lives to have ended the step itself. */
function watch({ timeoutMs, killGraceMs }: ProcessSpec): string {
  if (timeoutMs === undefined) return '';
  const seconds = (ms: number): number => Math.ceil(ms / 1_000);
  return `_bt=${seconds(timeoutMs + killGraceMs + LEASE_MS)};_bk=${seconds(killGraceMs)};`;
}

function exports(shell: LaneShell, env: Environment): string {
  // A step inside a step (Belay run by Belay) has a name of its own, not the one it may have been passed.
  const names = Object.keys(env).filter((name) => name !== 'BELAY_ATTEMPT');
  const assign = (name: string) => {
    const value = env[name] ?? '';
    // `exec` counts one level down, as a shell that gives way to another should.
    const counts = name === 'SHLVL' && shell.jobControl && /^\d{1,6}$/.test(value);
    return `${name}=${shellQuote(counts ? String(Number(value) + 1) : value)}`;
  };
  const act = (words: string, list: readonly string[], end: string) =>
    list.length > 0 ? `${words} ${list.join(' ')}${end};` : '';
  const locale = names.filter((name) => LOCALE.test(name));
  const others = names.filter((name) => !LOCALE.test(name));
  return [
    act(
      'unset',
      others.filter((name) => DYNAMIC.test(name)),
      '',
    ),
    act('export', others.map(assign), ''),
    act('export', locale.map(assign), ' 2>/dev/null'),
  ].join('');
}

/** Words for what no shell could start; undefined when all is well. */
export function startProblem(spec: ProcessSpec): string | undefined {
  const strings = [...spec.shell, spec.cwd, ...Object.values(spec.env)];
  if ([spec.script, ...strings].some((text) => text.includes('\0'))) {
    return 'the step holds a NUL character, which no process can be given';
  }
  for (const name of Object.keys(spec.env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `\`${name}\` is no name for an environment variable`;
    if (SHELL_OWNED.has(name))
      return `environment variable \`${name}\` belongs to the shell and cannot be set`;
    if (isTooLong(`${name}=${spec.env[name]}`)) {
      return `environment variable \`${name}\` is longer than the system takes: found ${spec.env[name]?.length} characters, at most ${STRING_BYTES_MAX} bytes`;
    }
  }
  return isTooLong(spec.script)
    ? `the script is longer than the system takes: found ${Buffer.byteLength(spec.script)} bytes, at most ${STRING_BYTES_MAX - 1}`
    : undefined;
}

/** Counts bytes only where their number is in doubt: a character takes three at most. */
const isTooLong = (text: string): boolean =>
  text.length * 3 >= STRING_BYTES_MAX && Buffer.byteLength(text) >= STRING_BYTES_MAX;
