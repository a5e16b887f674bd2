/**
 * What takes a command back, where that is known: a small table over program and subcommand. Each undo may run more than
 * once and does no harm where the command did nothing. Only for a single plain command; anything else has none.
 */

import { shellWord } from '../../engine/core/shell-quote.ts';
import { simpleCommands } from '../shell/simple-commands.ts';
import { isRedirection, tokenizeShell } from '../shell/tokenize-shell.ts';

export type Inverse = { readonly undo: string } | { readonly irreversible: string };

/** Words that a shell reads otherwise when they are quoted. */
const LIVE = /[$`*?[\]{}~]/;

type Rule = (words: Words) => string | undefined;

export function inverseCommand(command: string): Inverse | undefined {
  const tokens = tokenizeShell(command);
  const texts = tokens.map(({ text }) => text);
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
  const [program = ''] = texts;
  for (let depth = 3; depth > 0; depth -= 1) {
    const stub = texts.slice(0, depth).join(' ');
    const words = new Words(texts.slice(depth));
    const why = FINAL[stub];
    if (why !== undefined) return words.has('--dry-run', '-n') ? undefined : { irreversible: why };
    const undo = RULES[stub]?.(words);
    if (undo !== undefined) return { undo };
  }
  return program === '' ? undefined : composeInverse(texts);
}

/** What follows the subcommand. */
class Words {
  readonly #texts: readonly string[];

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  has(...flags: readonly string[]): boolean {
    return this.#texts.some((text) => flags.includes(text));
  }

  /** `-f x`, `--file x` or `--file=x`. */
  value(...flags: readonly string[]): string | undefined {
    for (const [at, text] of this.#texts.entries()) {
      if (flags.includes(text)) return this.#texts[at + 1];
      const flag = flags.find((each) => each.startsWith('--') && text.startsWith(`${each}=`));
      if (flag !== undefined) return text.slice(flag.length + 1);
    }
    return undefined;
  }

  /** Those that are no flags, if no word is a flag but those of `allowed`. */
  plain(...allowed: readonly string[]): readonly string[] | undefined {
    const flags = this.#texts.filter((text) => text.startsWith('-'));
    if (flags.some((flag) => !allowed.includes(flag))) return undefined;
    const rest = this.#texts.filter((text) => !text.startsWith('-'));
    return rest.length > 0 ? rest : undefined;
  }

  /** The flag and its value as they stood, to be said again. */
  again(...flags: readonly string[]): string {
    const found = this.value(...flags);
    return found === undefined ? '' : ` ${flags[0]} ${shellWord(found)}`;
  }
}

const all = (words: readonly string[]): string => words.map(shellWord).join(' ');
const withWords =
  (undo: (words: readonly string[]) => string, ...allowed: readonly string[]): Rule =>
  (words) => {
    const plain = words.plain(...allowed);
    return plain && undo(plain);
  };

const kubectl: Rule = (words) => {
  const file = words.value('-f', '--filename');
  if (file === undefined || words.has('--dry-run')) return undefined;
  return `kubectl delete -f ${shellWord(file)} --ignore-not-found${words.again('-n', '--namespace')}`;
};

const commit: Rule = (words) => {
  const message = words.value('-m', '--message');
  if (message === undefined || message.includes('\n') || words.has('--amend')) return undefined;
  return `[ "$(git log -1 --format=%s)" != ${shellWord(message)} ] || git reset --soft HEAD~1`;
};

/** With a version after its last `@`: it is removed by its name. */
const nameOf = (spec: string): string => spec.replace(/(?<=.)@[^@/]*$/, '');

const RULES: { readonly [stub: string]: Rule } = {
  'git commit': commit,
  'git tag': (words) => {
    if (words.has('-d', '-l', '--delete', '--list')) return undefined;
    const message = words.value('-m', '--message');
    const [name] = (words.plain('-a', '-s', '-m', '--message', '--annotate') ?? []).filter(
      (word) => word !== message,
    );
    if (name === undefined) return undefined;
    return `! git rev-parse -q --verify ${shellWord(`refs/tags/${name}`)} || git tag -d ${shellWord(name)}`;
  },
  'git worktree add': (words) => {
    const [path] = words.plain() ?? [];
    return path === undefined
      ? undefined
      : `[ ! -e ${shellWord(path)} ] || git worktree remove --force ${shellWord(path)}`;
  },
  mkdir: withWords((paths) =>
    paths.map((path) => `{ [ ! -d ${shellWord(path)} ] || rmdir ${shellWord(path)}; }`).join(' && '),
  ),
  'docker run': (words) => {
    const name = words.value('--name');
    return name === undefined ? undefined : `docker rm -f ${shellWord(name)}`;
  },
  'docker network create': withWords((names) => `docker network rm -f ${all(names)}`),
  'docker volume create': withWords((names) => `docker volume rm -f ${all(names)}`),
  'kubectl apply': kubectl,
  'kubectl create': kubectl,
  'npm install': withWords(
    (specs) => `npm uninstall ${all(specs.map(nameOf))}`,
    '-D',
    '--save-dev',
    '-E',
    '--save-exact',
  ),
  'npm i': withWords(
    (specs) => `npm uninstall ${all(specs.map(nameOf))}`,
    '-D',
    '--save-dev',
    '-E',
    '--save-exact',
  ),
  'pip install': withWords(
    (specs) => `pip uninstall -y ${all(specs.map((spec) => spec.replace(/[=<>!].*$/, '')))}`,
  ),
  'systemctl start': withWords((units) => `systemctl stop ${all(units)}`),
  'systemctl enable': withWords((units) => `systemctl disable ${all(units)}`),
};

/** What nobody takes back. */
const FINAL: { readonly [stub: string]: string } = {
  'git push': 'what was pushed may have been fetched',
  'npm publish': 'what was published may have been installed',
  'cargo publish': 'what was published may have been installed',
  'docker push': 'what was pushed may have been pulled',
};

/** `docker compose -f x up -d`: the flags before `up` are said again. */
function composeInverse(texts: readonly string[]): Inverse | undefined {
  const up = texts.indexOf('up');
  const head = texts.slice(0, up).join(' ');
  const isCompose = up > 0 && /^(?:docker compose|docker-compose)(?: |$)/.test(head);
  return isCompose ? { undo: `${all(texts.slice(0, up))} down` } : undefined;
}
