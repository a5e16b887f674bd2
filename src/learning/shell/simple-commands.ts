/**
 * Groups shell tokens into simple commands: what joins each to the one before, its words past keywords,
 * assignments and wrappers (`sudo`, `env`, `timeout`, `nice` and their like), and where its streams go.
 */
import { isRedirection, type ShellToken, type ShellWord } from './tokenize-shell.ts';

export interface SimpleCommand {
  /** `&&`, `||`, `;`, `|`, `&`, or empty for the first. */
  readonly joint: string;
  /** The program and its arguments; empty where the command only assigns. */
  readonly words: readonly ShellWord[];
  readonly redirections: readonly { readonly operator: string; readonly target: string }[];
  /** Names of variables set for it or by it. */
  readonly assigns: readonly string[];
}

const COMMANDS_MAX = 64;
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=/;
const KEYWORDS = new Set('if then else elif fi do done while until esac in { } ! time coproc'.split(' '));

/** Wrappers: their flags that take a value, and how many operands stand before the program. */
const WRAPPERS: ReadonlyMap<string, { readonly valued: RegExp; readonly operands: number }> = new Map(
  Object.entries({
    sudo: { valued: /^-[ugpChrtTU]$|^--(?:user|group)$/, operands: 0 },
    doas: { valued: /^-[uC]$/, operands: 0 },
    env: { valued: /^-[uC]$|^--(?:unset|chdir)$/, operands: 0 },
    nice: { valued: /^-n$/, operands: 0 },
    ionice: { valued: /^-[cnp]$/, operands: 0 },
    timeout: { valued: /^-[sk]$|^--(?:signal|kill-after)$/, operands: 1 },
    gtimeout: { valued: /^-[sk]$/, operands: 1 },
    stdbuf: { valued: /^-[ioe]$/, operands: 0 },
    chrt: { valued: /^$/, operands: 1 },
    taskset: { valued: /^$/, operands: 1 },
    exec: { valued: /^-a$/, operands: 0 },
    ...Object.fromEntries(
      ['nohup', 'command', 'builtin', 'setsid', 'caffeinate', 'unbuffer', 'time'].map((name) => [
        name,
        { valued: /^$/, operands: 0 },
      ]),
    ),
  }),
);

/** At most the first 64 commands of a line. */
export function simpleCommands(tokens: readonly ShellToken[]): readonly SimpleCommand[] {
  const commands: SimpleCommand[] = [];
  let words: ShellWord[] = [];
  let redirections: { operator: string; target: string }[] = [];
  let joint = '';
  const cut = (next: string): void => {
    const command = { joint, redirections, ...peel(words) };
    const empty = command.words.length + command.assigns.length + redirections.length === 0;
    if (!empty && commands.length < COMMANDS_MAX) commands.push(command);
    if (!empty || joint === '') joint = commands.length > 0 ? next : '';
    words = [];
    redirections = [];
  };
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i] as ShellToken;
    if (token.kind === 'word') words.push(token);
    else if (isRedirection(token)) {
      const target = tokens[i + 1];
      if (target?.kind === 'word') i += 1;
      redirections.push({ operator: token.text, target: target?.kind === 'word' ? target.text : '' });
    } else cut(/[()]/.test(token.text) ? ';' : token.text);
  }
  cut('');
  return commands;
}

/** The words from the program on, and the names assigned before it. */
function peel(words: readonly ShellWord[]): Pick<SimpleCommand, 'words' | 'assigns'> {
  const assigns: string[] = [];
  let i = 0;
  for (;;) {
    const word = words[i];
    if (!word || word.quoted) break;
    const name = ASSIGNMENT.exec(word.text)?.[1];
    const wrapper = WRAPPERS.get(word.text);
    if (name !== undefined) {
      assigns.push(name);
      i += 1;
    } else if (wrapper && i + 1 < words.length) {
      i = pastWrapper(words, i + 1, wrapper);
    } else if (KEYWORDS.has(word.text)) i += 1;
    else break;
  }
  return { words: words.slice(i), assigns };
}

function pastWrapper(
  words: readonly ShellWord[],
  from: number,
  { valued, operands }: { readonly valued: RegExp; readonly operands: number },
): number {
  let i = from;
  while (words[i]?.text.startsWith('-')) i += valued.test((words[i] as ShellWord).text) ? 2 : 1;
  return Math.min(i + operands, words.length);
}
