/**
 * Completion scripts for bash, zsh and fish. Commands and options are written into the script; workflow names, run
 * ids, steps and questions are asked of `belay __complete`, with the `--home` and `--workflows` of the line.
 */
import type { CompletedCommand, WordKind } from './command-tree.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function shellScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  if (shell === 'fish') return fishScript(commands);
  return shell === 'bash' ? bashScript(commands) : zshScript(commands);
}

const PASSED_ON = ['--home', '--workflows'];

const flagsOf = (command: CompletedCommand): string =>
  command.options.flatMap((option) => option.flags).join(' ');

const withValue = (commands: readonly CompletedCommand[]): readonly string[] => [
  ...new Set(
    commands.flatMap((each) =>
      each.options.filter((option) => option.takesValue).flatMap((option) => option.flags),
    ),
  ),
];

/** `command:place` patterns for a `case`, by what stands there. */
function places(commands: readonly CompletedCommand[], kind: WordKind): readonly string[] {
  return commands.flatMap(({ name, words, repeats }) =>
    words.flatMap((word, place) => {
      if (word !== kind) return [];
      return repeats && place === words.length - 1 ? [`${name}:*`] : [`${name}:${place}`];
    }),
  );
}

/** The part that bash and zsh share: which command, which place, what to offer there. Reads `before`, an array. */
function reading(commands: readonly CompletedCommand[]): string {
  const cases = (['workflow', 'run', 'step', 'question', 'checkpoint', 'shell'] as const).flatMap((kind) => {
    const found = places(commands, kind);
    return found.length === 0 ? [] : [`    ${found.join('|')}) kind=${kind} ;;`];
  });
  return `  local command='' run='' kind='' options='' flag='' place=0 word
  local -a pass
  for word in "\${before[@]}"; do
    if [[ -n $flag ]]; then
      case $flag in ${PASSED_ON.join('|')}) pass+=("$flag" "$word") ;; esac
      flag=''
      continue
    fi
    case $word in
      ${withValue(commands).join('|')}) flag=$word ;;
      -*) ;;
      *)
        if [[ -z $command ]]; then command=$word
        else
          [[ $place == 0 ]] && run=$word
          place=$((place + 1))
        fi ;;
    esac
  done
  case $command in
${commands.map((each) => `    ${each.name}) options='${flagsOf(each)}' ;;`).join('\n')}
  esac
  case $command:$place in
${cases.join('\n')}
  esac`;
}

const names = (commands: readonly CompletedCommand[]): string => commands.map((each) => each.name).join(' ');

const CANDIDATES = `belay "\${pass[@]}" __complete "$kind" $run 2>/dev/null`;

function bashScript(commands: readonly CompletedCommand[]): string {
  return `# bash completion of belay: put  source <(belay completion bash)  into ~/.bashrc
_belay() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  local -a before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
${reading(commands)}
  local IFS=$'\\n' words=''
  if [[ -n $flag ]]; then COMPREPLY=($(compgen -f -- "$current")); return; fi
  if [[ -z $command ]]; then words='${names(commands)}'
  elif [[ $current == -* ]]; then words=$options
  elif [[ $kind == shell ]]; then words='${SHELLS.join(' ')}'
  elif [[ -n $kind ]]; then words=$(${CANDIDATES})
  fi
  COMPREPLY=($(compgen -W "\${words// /$'\\n'}" -- "$current"))
  [[ $kind == workflow ]] && COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _belay belay
`;
}

function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef belay
# zsh completion of belay: put  source <(belay completion zsh)  into ~/.zshrc, after compinit
_belay() {
  local current=\${words[CURRENT]}
  local -a before=("\${(@)words[2,CURRENT-1]}") found
${reading(commands)}
  if [[ -n $flag ]]; then _files; return; fi
  if [[ -z $command ]]; then found=(${names(commands)})
  elif [[ $current == -* ]]; then found=(\${=options})
  elif [[ $kind == shell ]]; then found=(${SHELLS.join(' ')})
  elif [[ -n $kind ]]; then found=("\${(@f)$(${CANDIDATES})}")
  fi
  compadd -- $found
  [[ $kind == workflow ]] && _files
}
compdef _belay belay
`;
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap((command) => [
    `complete -c belay -n __fish_use_subcommand -f -a ${command.name} -d ${quoted(command.summary)}`,
    ...optionLines(command),
    ...wordLines(command),
  ]);
  return `# fish completion of belay: put  belay completion fish | source  into ~/.config/fish/config.fish
function __belay_words
  set -l run (commandline -poc | string match -v -- '-*')[3]
  belay __complete $argv[1] $run 2>/dev/null
end
${lines.join('\n')}
`;
}

function optionLines({ name, options }: CompletedCommand): readonly string[] {
  return options.map(({ flags, takesValue, choices, description }) => {
    const written = flags.map((flag) =>
      flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
    );
    const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -r' : '';
    const when = `'__fish_seen_subcommand_from ${name}'`;
    return `complete -c belay -n ${when} ${written.join(' ')}${value} -d ${quoted(description)}`;
  });
}

/** Place is not told apart: the words of all places are offered, files too where a workflow may be one. */
function wordLines({ name, words }: CompletedCommand): readonly string[] {
  return words.flatMap((kind) => {
    if (kind === 'none') return [];
    const files = kind === 'workflow' ? '' : ' -f';
    const found = kind === 'shell' ? SHELLS.join(' ') : `(__belay_words ${kind})`;
    return [`complete -c belay -n '__fish_seen_subcommand_from ${name}'${files} -a ${quoted(found)}`];
  });
}
