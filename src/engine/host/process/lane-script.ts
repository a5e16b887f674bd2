/**
 * The shell text that a lane obeys: its functions, sent once, and a short text for each attempt.
 * Owns quoting and the order of acts that `attempt-files` relies on. Does not spawn.
 * 1. Values travel through the lane's pipe only: never in an argument list, never on disk.
 * 2. One fork and one exec for each step, nothing else forks: everything here is a builtin.
 * 3. The text stays short, because a shell reads a pipe byte by byte.
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

/** Names that bash will not let anyone set. `_` it sets itself. */
const SHELL_OWNED = new Set(['BASHOPTS', 'BASH_VERSINFO', 'EUID', 'PPID', 'SHELLOPTS', 'UID', '_']);

/** Names with a life of their own in bash, which ends when they are unset. */
const DYNAMIC =
  /^(BASH_\w+|BASHPID|COMP_WORDBREAKS|DIRSTACK|EPOCH\w+|FUNCNAME|GROUPS|HISTCMD|LINENO|OPTIND|PIPESTATUS|S?RANDOM|SECONDS)$/;

const quote = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/**
 * `s` proves the start, `a` and `b` open the logs (one, or two apart), `d` enters a folder with a fresh environment;
 * `g` runs the job `j` of the attempt it is given and tells the end: to the status file (fd 4) first, then to the
 * host (fd 3); `-` when somebody else had decided.
 */
export function prologue(shell: LaneShell, boot: string, umask: number, procStat: boolean): string {
  // The command name in the line is the lane's own, so its first `) ` ends it.
  const self = procStat
    ? `exec </proc/self/stat;read -r l;set -- \${l#*) };l="\${l%% *} \${20}"`
    : `l="$(exec sh -c 'echo $PPID') -"`;
  const wait = shell.jobControl ? 'case $BASH_VERSION in [1-4].*) W=;; *) W=-f;; esac;set -m' : 'W=';
  return `${wait};umask 077
s(){ ${self};exec </dev/null;echo "$l ${boot} $$" >&4||exit 126;[ ! -e "$f.gone" ]||{ echo given_up >&4;exit 126;};}
a(){ s;exec >>"$f.log" 2>&1 3>&- 4>&-||exit 126;}
b(){ s;exec >>"$f.out" 2>>"$f.err" 3>&- 4>&-||exit 126;}
d(){ cd -- "$1" 2>/dev/null||{ echo "working directory \\\`$1\\\` cannot be entered" >&2;exit 126;};umask ${umask.toString(8)};unset PWD OLDPWD SHLVL;export BELAY_ATTEMPT="$f";}
g(){ f=$1;r=-;set -C;{ set +C;j & wait $W $!;r=$?;echo "exit $r" >&4;} 4>"$f.status";set +C;echo "$r" >&3;}
`;
}

type Environment = ProcessSpec['env'];

/** What the lane's next steps have in common: folder (`c`), then environment and shell (`e`). */
export interface SharedTerms extends Pick<ProcessSpec, 'cwd' | 'shell' | 'env'> {}

export function sharedText(shell: LaneShell, shared: SharedTerms): string {
  const program = [...(shell.setsid ? [shell.setsid] : []), ...shared.shell].map(quote).join(' ');
  return `c(){ d ${quote(shared.cwd)};}\ne(){ ${exports(shell, shared.env)}exec ${program} "$1";}\n`;
}

/** The text that runs one attempt; `env` is what goes beyond the shared environment. */
export function attemptText(shell: LaneShell, name: string, spec: ProcessSpec, env: Environment): string {
  const open = spec.separate.length > 0 ? 'b' : 'a';
  return `j(){ ${open};c;${exports(shell, env)}e ${quote(spec.script)};};g ${quote(name)}\n`;
}

function exports(shell: LaneShell, env: Environment): string {
  const entries = Object.entries(env);
  const dynamic = entries.map(([name]) => name).filter((name) => DYNAMIC.test(name));
  const assignments = entries.map(([name, value]) => {
    // `exec` counts one level down, as a shell that gives way to another should.
    const said = name === 'SHLVL' && shell.jobControl ? String(Number(value) + 1) : value;
    return `${name}=${quote(said)}`;
  });
  const unset = dynamic.length > 0 ? `unset ${dynamic.join(' ')};` : '';
  return assignments.length > 0 ? `${unset}export ${assignments.join(' ')};` : '';
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
    if (Buffer.byteLength(`${name}=${spec.env[name]}`) >= STRING_BYTES_MAX) {
      return `environment variable \`${name}\` is longer than the system takes: found ${spec.env[name]?.length} characters, at most ${STRING_BYTES_MAX} bytes`;
    }
  }
  const scriptBytes = Buffer.byteLength(spec.script);
  return scriptBytes < STRING_BYTES_MAX
    ? undefined
    : `the script is longer than the system takes: found ${scriptBytes} bytes, at most ${STRING_BYTES_MAX - 1}`;
}
