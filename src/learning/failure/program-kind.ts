/**
 * What kind of work a program does, from its stub, and how often work of that kind fails anywhere: what is known before
 * anything was seen. A test or a search that ends with 1 has often done its work: the answer was no.
 */

export type ProgramKind = (typeof KINDS)[number][0] | 'filter' | 'other';

const KINDS = [
  [
    'test',
    /^(?:\S*pytest|python -m (?:pytest|unittest|doctest|django\S*)|(?:go|cargo|dotnet|rake|hatch|rails|gradle|mvn|make|bazel|mix|sbt|lein|stack|cabal|zig|deno|swift) (?:test|verify|check)|(?:npm|pnpm|yarn|bun)(?: run)? test\S*|npx (?:jest|vitest|mocha|playwright)|jest|vitest|mocha|tox|nox|ctest|rspec|phpunit|\S*(?:run_?tests?|runtests)\S*|(?:\.\/bin\/)?test)$/,
  ],
  [
    'lint',
    /^(?:golangci-lint|eslint|ruff|mypy|flake8|pylint|pyright|python -m (?:pylint|flake8|mypy|ruff|py_compile)|tsc|npx (?:tsc|eslint|biome|prettier)|biome|shellcheck|yamllint|hadolint|staticcheck|cargo (?:clippy|check|fmt)|go vet|make lint|(?:npm|pnpm|yarn|bun) run (?:lint|typecheck|check)\S*|pre-commit|black|isort|prettier|terraform (?:validate|plan))(?: |$)/,
  ],
  [
    'build',
    /^(?:go (?:build|install|mod|generate)|make|cmake|ninja|gcc|g\+\+|cc|clang|rustc|javac|cargo build|(?:npm|pnpm|yarn|bun) run build\S*|docker(?: compose)? build|mvn|gradle|\.\/gradlew|webpack|vite|sphinx-build|goreleaser|bazel|dotnet build|latexmk|pdflatex)\b/,
  ],
  [
    'install',
    /^(?:pip|uv|poetry|conda|apt|apt-get|brew|dnf|yum|apk|gem|bundle|composer|(?:npm|pnpm|yarn|bun) (?:install|ci|add|i)|cargo (?:install|add)|go get|rustup|nvm)\b/,
  ],
  [
    'search',
    /^(?:[ezf]?grep|rg|ag|ack|git grep|diff|cmp|comm|\[|\[\[|which|type|command|pgrep|pidof|expr)(?: |$)/,
  ],
  [
    'run',
    /^(?:python|node|ruby|perl|php|bash|sh|zsh|deno|bun|npx|go run|cargo run|java|dotnet run|Rscript|lua|\.\/)/,
  ],
  [
    'remote',
    /^(?:curl|wget|ssh|scp|rsync|gh|glab|docker|kubectl|helm|aws|gcloud|az|git (?:push|pull|fetch|clone)|psql|mysql|sqlite3|redis-cli|nc|ping|terraform|vercel|systemctl|service|journalctl)\b/,
  ],
  [
    'quiet',
    /^(?:echo|printf|true|:|pwd|date|whoami|hostname|uname|env|printenv|export|set|unset|alias|sleep|mkdir|touch|tee|cut|tr|uniq|awk|xargs|find|seq|history|id|ps|df|free|jobs|basename|dirname|git (?:status|diff|log|add|branch|show|config|rev-parse|ls-files)|cat <<|jq|column|=|>)(?: |$)/,
  ],
  [
    'files',
    /^(?:ls|cd|cat|cp|mv|rm|rmdir|stat|file|source|\.|readlink|realpath|chmod|chown|ln|sed|head|tail|less|more|nl|wc|tree|du|od|xxd|tar|unzip|gunzip|sort)(?: |$)/,
  ],
] as const satisfies readonly (readonly [string, RegExp])[];

/** Of a program that reads a pipe the files cannot be missing. */
export function programKind(stub: string, isPiped: boolean): ProgramKind {
  const kind = KINDS.find(([, pattern]) => pattern.test(stub))?.[0] ?? 'other';
  return isPiped && kind === 'files' ? 'filter' : kind;
}

/** Share of them that fails, as far as anybody can say beforehand. */
export const START_RATES: Readonly<Record<ProgramKind, number>> = {
  test: 0.25,
  lint: 0.2,
  build: 0.12,
  install: 0.08,
  search: 0.12,
  run: 0.15,
  remote: 0.1,
  quiet: 0.01,
  files: 0.02,
  filter: 0.005,
  other: 0.12,
};
