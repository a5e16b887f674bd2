/**
 * The shell text that a lane obeys: its functions, sent once, and a short text for each attempt.
 * Owns quoting and the order of acts that `attempt-files` relies on. Does not spawn.
 * 1. Values travel through the lane's pipe only: never in an argument list, never on disk.
 * 2. One fork and one exec for each step, nothing else forks: everything here is a builtin.
 * 3. The text stays short, because a shell reads a pipe byte by byte.
 * 4. A text that was cut when this program died runs nothing: its last word is the attempt's name, in quotes.
 */
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

const quote = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/**
 * `s` proves the start, `a` and `b` open the logs (one, or two apart), `d` enters a folder with a fresh environment;
 * `g` runs the job `j` of the attempt it is given and tells the end: to the status file (fd 4) first, then to the
 * host (fd 3); `-` when somebody else had decided.
 */
export function prologue(shell: LaneShell, boot: string, umask: number, procStat: boolean): string {
  // The kernel's line as it is: taking it apart here would cost each step more than opening its log.
  const self = procStat ? 'read -r l </proc/self/stat' : `l="$(exec sh -c 'echo $PPID')"`;
  // `wait` returns for a step that was stopped (SIGSTOP), too. Not `wait -f`: bash 5.2 sometimes spins in it forever.
  const wait = 'wait $!;r=$?;while [ $r -gt 128 ]&&kill -0 $!;do sleep 1;wait $!;r=$?;done';
  // What this program was given open by its own parent must not be held open by steps that outlive both.
  // (A plain sh has no words for descriptors of two digits.)
  const numbers = shell.jobControl ? '[4-9]|??*' : '[4-9]';
  const strays = procStat
    ? `for d in /proc/self/fd/*;do d=\${d##*/};case $d in ${numbers}) eval "exec $d>&-";;esac;done 2>/dev/null;`
    : '';
  return `${strays}${shell.jobControl ? 'set -m;' : ''}umask 077\ns(){ ${self};exec </dev/null;echo "$l ${boot} $$" >&4||exit 126;[ ! -e "$f.gone" ]||{ echo given_up >&4;exit 126;};}
a(){ s;exec >>"$f.log" 2>&1 3>&- 4>&-||exit 126;}
b(){ s;exec >>"$f.out" 2>>"$f.err" 3>&- 4>&-||exit 126;}
d(){ cd -- "$1" 2>/dev/null||{ echo "working directory \\\`$1\\\` cannot be entered" >&2;exit 126;};umask ${umask.toString(8)};unset PWD OLDPWD SHLVL;export BELAY_ATTEMPT="$f";}
g(){ f=$1;[ "$f" ]||return;r=-;set -C;{ set +C;j & ${wait};echo "exit $r" >&4;} 4>"$f.status";set +C;echo "$r" >&3;}
`;
}

type Environment = ProcessSpec['env'];

/** What the lane's next steps have in common: folder (`c`), then environment and shell (`e`). */
export interface SharedTerms extends Pick<ProcessSpec, 'cwd' | 'shell' | 'env'> {}

/**
 * A shell that is given a language opens a dozen files for it, so the lane takes the language once and its steps
 * inherit it. Only names of languages that leave ASCII alone: the lane reads its own text in them.
 */
const LANGUAGE_NAMES = ['LANG', 'LC_ALL', 'LC_CTYPE', 'LC_MESSAGES', 'LC_COLLATE', 'LC_NUMERIC', 'LC_TIME'];
const PLAIN_LANGUAGE = /^([A-Za-z_]+\.)?(C|POSIX|UTF-?8)$/i;

const isInherited = ([name, value]: readonly [string, string]): boolean =>
  LANGUAGE_NAMES.includes(name) && PLAIN_LANGUAGE.test(value);

/** Sent when it changes, which is seldom: the language of the lane itself, then `c` and `e`. */
export function sharedText(shell: LaneShell, shared: SharedTerms): string {
  const entries = Object.entries(shared.env);
  const inherited = entries.filter(isInherited).map(([name, value]) => `${name}=${quote(value)}`);
  const language = `unset ${LANGUAGE_NAMES.join(' ')};${inherited.length > 0 ? `export ${inherited.join(' ')};` : ''}`;
  const own = Object.fromEntries(entries.filter((entry) => !isInherited(entry)));
  const program = [...(shell.setsid ? [shell.setsid] : []), ...shared.shell].map(quote).join(' ');
  return `${language}\nc(){ d ${quote(shared.cwd)};}\ne(){ ${exports(shell, own)}exec ${program} "$1";}\n`;
}

/** The text that runs one attempt; `env` is what goes beyond the shared environment. */
export function attemptText(shell: LaneShell, name: string, spec: ProcessSpec, env: Environment): string {
  const open = spec.separate.length > 0 ? 'b' : 'a';
  return `j(){ ${open};c;${exports(shell, env)}e ${quote(spec.script)};};g ${quote(name)}\n`;
}

function exports(shell: LaneShell, env: Environment): string {
  // A step inside a step (Belay run by Belay) has a name of its own, not the one it may have been passed.
  const names = Object.keys(env).filter((name) => name !== 'BELAY_ATTEMPT');
  const assign = (name: string) => {
    const value = env[name] ?? '';
    // `exec` counts one level down, as a shell that gives way to another should.
    const counts = name === 'SHLVL' && shell.jobControl && /^\d{1,6}$/.test(value);
    return `${name}=${quote(counts ? String(Number(value) + 1) : value)}`;
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
