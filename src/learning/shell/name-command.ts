/** The stub of a simple command: its program and, where the program has them, its subcommands. */
import type { SimpleCommand } from './simple-commands.ts';

const names = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const WITH_SUBCOMMANDS = names(
  'git npm pnpm yarn bun npx docker docker-compose podman kubectl helm go cargo rustup pip uv poetry conda apt apt-get brew dnf yum apk gh glab systemctl service make terraform tofu aws gcloud az dotnet mvn gradle rails rake bundle gem composer deno nvm pyenv tmux just task nx turbo lerna vercel netlify heroku fly wrangler supabase prisma ng vue expo flutter dart swift ansible vagrant ip openssl launchctl hatch pdm tox pre-commit kind minikube k3d belay golangci-lint goreleaser pulumi argocd flux skaffold buf dbt alembic ruff jj hg svn bazel sbt lein stack cabal mix zig flyctl doctl hcloud eksctl velero vault nomad consul packer trivy grype semgrep act nix flatpak snap zypper port pkg',
);
const TWO_DEEP = names(
  'docker/compose docker/container docker/image npm/run pnpm/run yarn/run bun/run gh/pr gh/issue gh/run gh/repo gh/release gh/api git/stash git/remote git/worktree git/submodule uv/run uv/pip poetry/run go/mod go/tool cargo/run kubectl/get kubectl/rollout aws/s3',
);
const INTERPRETERS = names('python node ruby perl php bash sh zsh fish deno');
const VALUED: Readonly<Record<string, ReadonlySet<string>>> = {
  git: names('-C -c --git-dir --work-tree'),
  docker: names('-H --context'),
  kubectl: names('-n --namespace --context'),
  gh: names('-R --repo'),
  npm: names('--prefix -w --workspace'),
  make: names('-C -f -j'),
  go: names('-C'),
};
const NAME_CHARS_MAX = 60;

/** How many of the words the stub names, and the stub. */
export function nameCommand({ words, redirections, assigns }: SimpleCommand): {
  readonly stub: string;
  readonly named: ReadonlySet<number>;
} {
  const program = programName(words[0]?.text ?? '');
  if (!program) return { stub: assigns.length > 0 ? '=' : '>', named: new Set() };
  const document = redirections.some(({ operator }) => operator === '<<');
  if (INTERPRETERS.has(program))
    return nameInterpreter(
      program,
      words.map(({ text }) => text),
      document,
    );
  if (document && (program === 'cat' || program === 'tee'))
    return { stub: `${program} <<`, named: new Set([0]) };
  if (program === 'echo' || program === 'printf') {
    const writes = redirections.some(
      ({ operator, target }) => operator.startsWith('>') && !/^\d$/.test(target),
    );
    return { stub: writes ? `${program} >` : program, named: new Set([0]) };
  }
  if (program === 'sed') {
    const flag = words.find(({ text }) => /^-[ni]|^--in-place/.test(text))?.text;
    return { stub: flag ? `sed ${flag.startsWith('-n') ? '-n' : '-i'}` : 'sed', named: new Set([0]) };
  }
  return WITH_SUBCOMMANDS.has(program)
    ? nameSubcommand(
        program,
        words.map(({ text }) => text),
      )
    : { stub: program, named: new Set([0]) };
}

function programName(word: string): string {
  const name = word.startsWith('./') ? word : (word.replace(/\/+$/, '').split('/').at(-1) ?? word);
  const plain = name.replace(/^python[\d.]*$/, 'python').replace(/^pip[\d.]*$/, 'pip');
  return plain.length > NAME_CHARS_MAX ? `${plain.slice(0, NAME_CHARS_MAX)}…` : plain;
}

function nameInterpreter(
  program: string,
  words: readonly string[],
  document: boolean,
): { readonly stub: string; readonly named: ReadonlySet<number> } {
  const [, first, second] = words;
  if (first === '-m' && second !== undefined)
    return { stub: `${program} -m ${second}`, named: new Set([0, 1, 2]) };
  if (first !== undefined && /^-(?:c|e|lc|pe|ne)$/.test(first)) {
    return { stub: `${program} ${first}`, named: new Set([0, 1]) };
  }
  if (document) return { stub: `${program} <<`, named: new Set([0]) };
  const file = words.slice(1).some((word) => !word.startsWith('-'));
  return { stub: file ? `${program} <file>` : program, named: new Set([0]) };
}

function nameSubcommand(
  program: string,
  words: readonly string[],
): { readonly stub: string; readonly named: ReadonlySet<number> } {
  const valued = VALUED[program];
  const named = new Set([0]);
  const parts = [program];
  for (let i = 1; i < words.length; i += 1) {
    const word = words[i] as string;
    if (valued?.has(word)) i += 1;
    else if (!word.startsWith('-') && !(program === 'make' && word.includes('='))) {
      if (word.length > NAME_CHARS_MAX) break;
      parts.push(word);
      named.add(i);
      if (parts.length === 3 || !TWO_DEEP.has(`${program}/${word}`)) break;
    }
  }
  return { stub: parts.join(' '), named };
}
