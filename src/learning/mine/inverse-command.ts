/**
 * What takes a command back, where that is known. Only for a single plain command, `sudo` before it allowed; anything
 * else has none. The table itself is in `inverse-rules.ts`.
 */
import { simpleCommands } from '../shell/simple-commands.ts';
import { isRedirection, tokenizeShell } from '../shell/tokenize-shell.ts';
import { CommandWords } from './command-words.ts';
import { FINAL, RULES } from './inverse-rules.ts';

/** `when`: an expression over the result of the command; without it the undo is for every end. */
export type Inverse = { readonly undo: string; readonly when?: string } | { readonly irreversible: string };

/** Words that a shell reads otherwise when they are quoted. */
const LIVE = /[$`*?[\]{}~]/;
const DEPTH_MAX = 3;

export function inverseCommand(command: string): Inverse | undefined {
  const tokens = tokenizeShell(command);
  const all = tokens.map(({ text }) => text);
  const isSudo = all[0] === 'sudo' && !all[1]?.startsWith('-');
  const texts = isSudo ? all.slice(1) : all;
  const [only, second] = simpleCommands(tokens);
  // a wrapper, an assignment or an operator makes it another command
  if (
    !only ||
    second ||
    tokens.some((token) => token.kind === 'operator' && isRedirection(token)) ||
    only.words.length !== texts.length
  )
    return undefined;
  if (texts.some((text) => LIVE.test(text))) return undefined;
  for (let depth = DEPTH_MAX; depth > 0; depth -= 1) {
    const stub = texts.slice(0, depth).join(' ');
    const words = new CommandWords(texts.slice(depth), isSudo ? 'sudo ' : '');
    const why = FINAL.get(stub);
    if (why !== undefined) return words.has('--dry-run', '-n') ? undefined : { irreversible: why };
    const inverse = RULES.get(stub)?.(words);
    if (inverse !== undefined) return typeof inverse === 'string' ? { undo: inverse } : inverse;
  }
  return undefined;
}
