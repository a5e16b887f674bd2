/** What is known about programs that take code, names or other programs as arguments. Data only. */

/** Programs that read a script after `-c`. */
export const shells: ReadonlySet<string> = new Set(
  'sh bash dash zsh ksh ksh93 mksh pdksh ash rbash fish csh tcsh'.split(' '),
);

/** Builtins and programs that read their arguments as code or as names of variables. */
export const unsafeBuiltins: ReadonlySet<string> = new Set(
  (
    'eval . source trap let [[ alias unalias read mapfile readarray getopts unset wait bind complete compgen ' +
    'compopt enable fc history hash jobs ulimit disown autoload functions sched emulate zparseopts zformat vared ' +
    'watch parallel at batch crontab expect tmux screen'
  ).split(' '),
);

/** Of these, the ones whose arguments are code. */
export const runsArguments: ReadonlySet<string> = new Set('eval trap watch tmux screen'.split(' '));

/** Programs that start the program in their arguments: short options that take a value, operands in front of it. */
export const wrappers: ReadonlyMap<string, { options: string; operands: number }> = new Map(
  Object.entries({
    env: { options: 'uCS', operands: 0 },
    sudo: { options: 'ughpCTUrtDR', operands: 0 },
    doas: { options: 'uC', operands: 0 },
    nohup: { options: '', operands: 0 },
    setsid: { options: '', operands: 0 },
    timeout: { options: 'sk', operands: 1 },
    nice: { options: 'n', operands: 0 },
    ionice: { options: 'cn', operands: 0 },
    chrt: { options: '', operands: 1 },
    taskset: { options: '', operands: 1 },
    stdbuf: { options: 'ioe', operands: 0 },
    time: { options: 'fo', operands: 0 },
    xargs: { options: 'IinPLlsdEae', operands: 0 },
    chroot: { options: '', operands: 1 },
    flock: { options: 'wE', operands: 1 },
    strace: { options: 'eopsuPSXbaOI', operands: 0 },
    command: { options: '', operands: 0 },
    builtin: { options: '', operands: 0 },
    exec: { options: 'a', operands: 0 },
    busybox: { options: '', operands: 0 },
    noglob: { options: '', operands: 0 },
    nocorrect: { options: '', operands: 0 },
  }),
);

/** Programs that run a command in some other place: a shell among their arguments is taken at its word. */
export const runners: ReadonlySet<string> = new Set(
  'docker podman nerdctl kubectl oc lxc machinectl systemd-run bwrap firejail unshare nsenter gosu runuser'.split(
    ' ',
  ),
);

interface CodeReader {
  /** Options whose value is code. */
  readonly options: readonly string[];
  /** Options with another value, so that it is not taken for the first operand. */
  readonly values: readonly string[];
  /** The first operand is code, unless an option gave some. */
  readonly firstOperand: boolean;
}

const language = (...options: string[]): CodeReader => ({ options, values: [], firstOperand: false });

/** Programs with a language of their own, without the version in their name. */
export const codeReaders: ReadonlyMap<string, CodeReader> = new Map(
  Object.entries({
    python: language('-c'),
    node: language('-e', '-p', '--eval', '--print'),
    deno: language('eval'),
    bun: language('-e', '-p', '--eval', '--print'),
    perl: language('-e', '-E', '-ne', '-pe', '-ane', '-lne', '-ple', '-i', '-M'),
    ruby: language('-e', '-ne', '-pe'),
    php: language('-r', '-B', '-R', '-E'),
    lua: language('-e'),
    pwsh: language('-c', '-Command', '-command'),
    osascript: language('-e'),
    su: language('-c', '--command', '--session-command'),
    script: language('-c', '--command'),
    git: language('--exec', '--upload-pack', '--receive-pack', '--extcmd', '--exec-path', '--config-env'),
    rsync: language('-e', '--rsh', '--rsync-path'),
    sed: { options: ['-e', '--expression'], values: ['-f', '--file', '-l', '-E'], firstOperand: true },
    gsed: { options: ['-e', '--expression'], values: ['-f', '--file', '-l'], firstOperand: true },
    awk: { options: ['-e', '--source'], values: ['-v', '-F', '-f', '--assign'], firstOperand: true },
    gawk: { options: ['-e', '--source'], values: ['-v', '-F', '-f', '--assign'], firstOperand: true },
    mawk: { options: [], values: ['-v', '-F', '-f'], firstOperand: true },
    nawk: { options: [], values: ['-v', '-F', '-f'], firstOperand: true },
  }),
);
