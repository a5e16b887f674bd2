/**
 * How the protocol cuts a command into parts and names each part: an approximation of a shell,
 * kept as the reference evaluator has it, so that figures can be compared.
 */
export interface Segment {
  readonly separator: string;
  readonly text: string;
}

const HEREDOC = /<<-?\s*(['"]?)([A-Za-z_][A-Za-z0-9_]*)\1/;
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;
const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const WITH_SUBCOMMANDS = words(
  'git npm pnpm yarn bun npx docker docker-compose podman kubectl helm go cargo rustup pip pip3 uv poetry conda apt apt-get brew dnf yum apk gh glab systemctl service make terraform aws gcloud az dotnet mvn gradle ./gradlew rails rake bundle gem composer php deno nvm pyenv tmux screen just task nx turbo lerna vercel netlify heroku fly wrangler supabase prisma ng vue expo flutter dart swift xcodebuild ansible vagrant journalctl ip openssl launchctl defaults specstory ./specstory goreleaser golangci-lint hatch pdm tox pre-commit msfconsole nmcli crontab sqlite3 airflow dvc mlflow kind minikube k3d',
);
const TWO_WORDS = new Set(
  'docker compose,npm run,pnpm run,yarn run,bun run,gh pr,gh issue,gh run,gh repo,gh release,gh api,git stash,git remote,git worktree,git submodule,uv run,uv pip,poetry run,go mod,cargo run,kubectl get,aws s3,docker container,docker image,pip install,go tool'.split(
    ',',
  ),
);
const WRAPPERS = words('sudo time nohup command exec env nice stdbuf builtin doas xvfb-run unbuffer \\time');
const KEYWORDS = words('if then else fi do done while until for case esac { } ! ( ) [[ [ function select in');
const OPENING_KEYWORDS = words('for case select function');
const VALUE_FLAGS: Readonly<Record<string, ReadonlySet<string>>> = {
  git: words('-C -c --git-dir --work-tree'),
  docker: words('-H --context'),
  kubectl: words('-n --namespace --context'),
  gh: words('-R --repo'),
  npm: words('--prefix -w --workspace'),
  make: words('-C -f -j'),
  go: words('-C'),
};
const INTERPRETERS = words('python node ruby perl bash sh zsh');
const ALIASES: Readonly<Record<string, string>> = { nodejs: 'node', vim: 'vi', gmake: 'make' };

/** The command without the bodies of its here-documents. */
export function stripHeredocs(command: string): string {
  const lines = command.split('\n');
  const kept: string[] = [];
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] as string;
    kept.push(line);
    const tag = HEREDOC.exec(line)?.[2];
    if (tag === undefined) continue;
    i += 1;
    while (i < lines.length && (lines[i] as string).trim() !== tag) i += 1;
  }
  return kept.join('\n');
}

/** Cuts at `&&`, `||`, `;`, `|` and new lines outside quotes and brackets. */
export function splitSegments(command: string): readonly Segment[] {
  const segments: Segment[] = [];
  let text = '';
  let separator = '';
  let quote = '';
  let depth = 0;
  const cut = (next: string): void => {
    const trimmed = text.trim();
    if (trimmed && !trimmed.startsWith('#')) segments.push({ separator, text: trimmed });
    text = '';
    separator = next;
  };
  for (let i = 0; i < command.length; i += 1) {
    const char = command[i] as string;
    if (char === '\\' && quote !== "'" && quote !== '`' && i + 1 < command.length) {
      i += 1;
      text += !quote && command[i] === '\n' ? ' ' : char + command[i];
    } else if (quote) {
      text += char;
      if (char === quote) quote = '';
    } else if (char === "'" || char === '"' || char === '`') {
      quote = char;
      text += char;
    } else if (char === '(' || char === '{') {
      depth += 1;
      text += char;
    } else if (char === ')' || char === '}') {
      depth = Math.max(0, depth - 1);
      text += char;
    } else if (depth === 0 && (char === '&' || char === '|') && command[i + 1] === char) {
      i += 1;
      cut(char + char);
    } else if (depth === 0 && (char === '|' || char === ';' || char === '\n'))
      cut(char === '\n' ? ';' : char);
    else text += char;
  }
  cut('');
  return segments;
}

/** The words of one part, unquoted; cut at quotes and blanks where a quote is left open. */
export function readSegment(segment: string): readonly string[] {
  const tokens: string[] = [];
  let token: string | undefined;
  let quote = '';
  for (let i = 0; i < segment.length; i += 1) {
    const char = segment[i] as string;
    if (quote === "'" || (quote && char === quote)) {
      if (char === quote) quote = '';
      else token += char;
    } else if (char === '\\') {
      i += 1;
      const next = segment[i];
      if (next === undefined) return roughWords(segment);
      token = (token ?? '') + (quote && next !== '\\' && next !== quote ? char : '') + next;
    } else if (quote) token += char;
    else if (char === "'" || char === '"') {
      quote = char;
      token ??= '';
    } else if (/[ \t\r\n]/.test(char)) {
      if (token !== undefined) tokens.push(token);
      token = undefined;
    } else token = (token ?? '') + char;
  }
  if (quote) return roughWords(segment);
  if (token !== undefined) tokens.push(token);
  return tokens;
}

const roughWords = (segment: string): readonly string[] => segment.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];

/** The stub of one part: program and subcommand, past keywords, assignments and wrappers. */
export function segmentStub(segment: string): string {
  const tokens = readSegment(segment);
  const at = programAt(tokens);
  if (typeof at === 'string') return at;
  if (at >= tokens.length) return tokens[0] ?? '';
  let start = at;
  let program = (tokens[at] as string).replace(/^\(+/, '');
  if (!program && at + 1 < tokens.length) {
    start = at + 1;
    program = tokens[start] as string;
  }
  return nameProgram(programName(program), tokens.slice(start + 1), segment);
}

function programAt(tokens: readonly string[]): number | string {
  let i = 0;
  while (i < tokens.length) {
    const token = tokens[i] as string;
    if (ASSIGNMENT.test(token)) {
      if (i === tokens.length - 1) return 'VAR=';
      i += 1;
    } else if (WRAPPERS.has(token)) {
      i += 1;
      while (tokens[i]?.startsWith('-')) i += /^-[ung]$/.test(tokens[i] as string) ? 2 : 1;
    } else if (token === 'timeout' || token === 'gtimeout') {
      i += 1;
      while (tokens[i]?.startsWith('-')) i += 1;
      i += 1;
    } else if (KEYWORDS.has(token)) {
      if (OPENING_KEYWORDS.has(token)) return token;
      i += 1;
    } else break;
  }
  return i;
}

function programName(program: string): string {
  let name = program;
  if (program.startsWith('./')) name = [...program].length < 40 ? program : './…';
  else if (program.includes('/')) name = program.replace(/\/+$/, '').split('/').at(-1) || program;
  name = name
    .replace(/^python3?(\.\p{Nd}+)?(?=\n?$)/u, 'python')
    .replace(/^pip3(\.\p{Nd}+)?(?=\n?$)/u, 'pip');
  return Object.hasOwn(ALIASES, name) ? (ALIASES[name] as string) : name;
}

function nameProgram(base: string, rest: readonly string[], segment: string): string {
  const heredoc = HEREDOC.test(segment);
  if (INTERPRETERS.has(base)) return nameInterpreter(base, rest, heredoc);
  if (heredoc && (base === 'cat' || base === 'tee')) return `${base} <<`;
  if (base === 'echo') return /(?:^|[^0-9&])>>?\s*[^&\s]/.test(segment) ? 'echo >' : 'echo';
  if (base === 'sed') {
    if (rest.some((word) => word.startsWith('-n'))) return 'sed -n';
    return rest.some((word) => word.startsWith('-i') || word === '--in-place') ? 'sed -i' : 'sed';
  }
  if (WITH_SUBCOMMANDS.has(base)) return nameSubcommand(base, rest);
  return base.length > 60 ? [...base].slice(0, 60).join('') : base;
}

function nameInterpreter(base: string, rest: readonly string[], heredoc: boolean): string {
  const [first, second] = rest;
  if (first === undefined) return base + (heredoc ? ' <<' : '');
  if (first === '-m' && second !== undefined) return `${base} -m ${second}`;
  if (/^-(?:c|e|lc|pe|ne)$/.test(first)) return `${base} ${first}`;
  if (heredoc) return `${base} <<`;
  return rest.some((word) => !word.startsWith('-')) ? `${base} <file>` : `${base} ${first}`;
}

function nameSubcommand(base: string, rest: readonly string[]): string {
  const valued = VALUE_FLAGS[base];
  const names: string[] = [];
  for (let i = 0; i < rest.length && names.length < 2; i += 1) {
    const word = rest[i] as string;
    if (valued?.has(word)) i += 1;
    else if (word.startsWith('-') || (base === 'make' && word.includes('='))) continue;
    else if (/^\p{Nd}*[<>]/u.test(word)) continue;
    else {
      names.push(word);
      if (!TWO_WORDS.has(`${base} ${word}`)) break;
    }
  }
  if (names.length > 0) {
    if (base === 'npx') return `npx ${names[0]}`;
    const count = TWO_WORDS.has(`${base} ${names[0]}`) && base !== 'pip' ? 2 : 1;
    return [base, ...names.slice(0, count).filter((name) => [...name].length < 40)].join(' ');
  }
  const flag = rest.find((word) => word.startsWith('-'));
  return flag === undefined ? base : `${base} ${flag.split('=')[0]}`;
}
