/**
 * What takes commands back, by program and subcommand. Each undo may run more than once, and touches nothing that was
 * there before the command, as far as its words and its result tell:
 * 1. What is made as a whole or not at all is taken back only when the command has not failed (`MADE`).
 * 2. Where a command also takes what is there already, its output has to say that it made something.
 * 3. What only changes files (`touch`, `cp`, `mv`, `chmod`) is not here: checkpoints bring files back as they were.
 */
import { shellWord } from '../../engine/core/shell-quote.ts';
import type { CommandWords } from './command-words.ts';

type Rule = (words: CommandWords) => string | { readonly undo: string; readonly when: string } | undefined;

/** Also of one that was cut off: nobody knows how far it came. */
const MADE = 'default(exit_code, 0) == 0';

const made = (undo: string): { readonly undo: string; readonly when: string } => ({ undo, when: MADE });
const all = (words: readonly string[]): string => words.map(shellWord).join(' ');
const quiet = (test: string): string => `${test} >/dev/null 2>&1`;

const commit: Rule = (words) => {
  const message = words.value('-m', '--message', '-am');
  const isOther = words.has(
    '--amend',
    '--dry-run',
    '-s',
    '--signoff',
    '--fixup',
    '--squash',
    '-F',
    '-C',
    '-t',
  );
  if (message === undefined || message.includes('\n') || isOther) return undefined;
  return made(`[ "$(git log -1 --format=%B)" != ${shellWord(message)} ] || git reset --soft HEAD~1`);
};

/** Back to the branch before; commits on the new one that nobody else has keep it alive. */
const branch =
  (leaves: boolean, ...flags: readonly string[]): Rule =>
  (words) => {
    const plain = words.plain('-q --quiet --no-track', flags.join(' '));
    const name = flags.length > 0 ? words.value(...flags) : plain?.[0];
    if (plain === undefined || name === undefined) return undefined;
    const own = shellWord(name);
    const leave = `if [ "$(git branch --show-current)" = ${own} ]; then git checkout -q -; fi; `;
    const exists = quiet(`git rev-parse -q --verify ${shellWord(`refs/heads/${name}`)}`);
    return made(`if ${exists}; then ${leaves ? leave : ''}git branch -d ${own}; fi`);
  };

const tag: Rule = (words) => {
  if (words.has('-d', '-l', '--delete', '--list')) return undefined;
  const [name] = words.plain('-a -s --annotate --sign', '-m --message') ?? [];
  if (name === undefined) return undefined;
  return made(
    `! ${quiet(`git rev-parse -q --verify ${shellWord(`refs/tags/${name}`)}`)} || git tag -d ${shellWord(name)}`,
  );
};

/** The newest stash is the one that the command has told of; where there was nothing to keep it told of none. */
const STASHED = `"{{ trim(replace(stdout, 'Saved working directory and index state ', '')) }}"`;
const stash =
  (takesPaths: boolean): Rule =>
  (words) => {
    const paths = words.plain('-u --include-untracked -k --keep-index', '-m --message');
    if (paths === undefined || (paths.length > 0 && !takesPaths)) return undefined;
    return made(`! git stash list -1 --format=%gs | grep -qxF -- ${STASHED} || git stash pop --index`);
  };

const worktree: Rule = (words) => {
  const [path] = words.plain('--detach', '-b -B') ?? [];
  return path === undefined
    ? undefined
    : made(`[ ! -e ${shellWord(path)} ] || git worktree remove --force ${shellWord(path)}`);
};

const folder: Rule = (words) => {
  const paths = words.plain('-v', '-m --mode') ?? [];
  const undos = paths.map((path) => `[ ! -d ${shellWord(path)} ] || ${words.sudo}rmdir ${shellWord(path)}`);
  if (undos.length === 0) return undefined;
  return made(undos.length === 1 ? (undos[0] as string) : undos.map((undo) => `{ ${undo}; }`).join(' && '));
};

const link: Rule = (words) => {
  const [target, path, ...more] = words.plain('-s -v -sv') ?? [];
  if (!words.has('-s', '-sv') || target === undefined || path === undefined || more.length > 0)
    return undefined;
  return made(
    `[ "$(readlink ${shellWord(path)})" != ${shellWord(target)} ] || ${words.sudo}rm ${shellWord(path)}`,
  );
};

const container: Rule = (words) => {
  const name = words.value('--name');
  if (name === undefined) return undefined;
  return {
    undo: `${words.sudo}docker rm -f ${shellWord(name)}`,
    when: "!stderr.contains('is already in use')",
  };
};

/** What was changed rather than made would be gone as a whole. */
const kubectl: Rule = (words) => {
  const file = words.value('-f', '--filename');
  if (file === undefined || words.has('--dry-run', '--dry-run=client', '--dry-run=server')) return undefined;
  return {
    undo: `kubectl delete -f ${shellWord(file)} --ignore-not-found${words.again('-n', '--namespace')}`,
    when: "!stdout.contains(' configured') && !stdout.contains(' unchanged') && !stderr.contains('AlreadyExists')",
  };
};

const namespace: Rule = (words) => {
  const [name] = words.plain() ?? [];
  return name === undefined
    ? undefined
    : made(`kubectl delete namespace ${shellWord(name)} --ignore-not-found`);
};

const chart: Rule = (words) => {
  const [release, from] =
    words.plain(
      '--wait --atomic --create-namespace',
      '-n --namespace -f --values --set --version --timeout',
    ) ?? [];
  if (release === undefined || from === undefined) return undefined;
  const at = words.again('-n', '--namespace');
  const [name, status] = [shellWord(release), quiet(`helm status ${shellWord(release)}${at}`)];
  return { undo: `! ${status} || helm uninstall ${name}${at}`, when: "!stderr.contains('still in use')" };
};

/** `docker compose -f x up -d`: the flags before `up` are said again. */
const compose =
  (program: string): Rule =>
  (words) => {
    const before = words.before('up');
    return (
      before && {
        undo: `${words.sudo}${[program, ...before.map(shellWord)].join(' ')} down`,
        when: "!stderr.contains(' Running')",
      }
    );
  };

/** What is installed under a name can be removed by it; a folder or a file cannot. */
const packages =
  (remove: string, named: RegExp, bare: string, when: string): Rule =>
  (words) => {
    const specs = words.plain(bare);
    const names = (specs ?? []).map((spec) => (FILE.test(spec) ? undefined : named.exec(spec)?.[1]));
    const isNamed = names.length > 0 && names.every((name) => name !== undefined);
    return isNamed ? { undo: `${words.sudo}${remove} ${all(names)}`, when } : undefined;
  };

const FILE = /\.(?:tgz|gz|zip|whl|deb)$/;
const npm = packages(
  'npm uninstall',
  /^((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:@[\w.^~-]+)?$/,
  '-D --save-dev -E --save-exact',
  "stdout.contains('added ')",
);
const pip = packages(
  'pip uninstall -y',
  /^(\w[\w.-]*)(?:[=<>!~[].*)?$/,
  '--user',
  "stdout.contains('Successfully installed') && !stdout.contains('existing installation')",
);
const apt = packages(
  'apt-get remove -y',
  /^([a-z\d][\w+.:-]*)(?:=.*)?$/,
  '-y --yes --no-install-recommends',
  "!stdout.contains(' 0 newly installed')",
);

const unit =
  (undo: string, now: string, when: string): Rule =>
  (words) => {
    const units = words.plain(`--user ${now}`);
    const flags = ['--user', now].filter((flag) => words.has(flag)).map((flag) => `${flag} `);
    return units?.length
      ? { undo: `${words.sudo}systemctl ${undo} ${flags.join('')}${all(units)}`, when }
      : undefined;
  };

const user: Rule = (words) => {
  const [name] = words.plain('-m --create-home -r --system -M', '-g -G -s -d -c -u --shell --groups') ?? [];
  if (name === undefined) return undefined;
  const home = words.has('-m', '--create-home') ? '-r ' : '';
  return made(`! ${quiet(`id -u ${shellWord(name)}`)} || ${words.sudo}userdel ${home}${shellWord(name)}`);
};

export const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries<Rule>({
    'git commit': commit,
    'git checkout': branch(true, '-b'),
    'git switch': branch(true, '-c', '--create'),
    'git branch': branch(false),
    'git add': (words) => {
      const paths = words.plain('-v -f -A --all -u --update');
      if (paths === undefined) return undefined;
      const isWhole = paths.length === 0 || paths.includes('.');
      return made(isWhole ? 'git reset -q' : `git reset -q -- ${all(paths)}`);
    },
    'git stash': stash(false),
    'git stash push': stash(true),
    'git tag': tag,
    'git worktree add': worktree,
    'git remote add': (words) => {
      const [name] = words.plain() ?? [];
      return name === undefined
        ? undefined
        : made(`! ${quiet(`git remote get-url ${shellWord(name)}`)} || git remote remove ${shellWord(name)}`);
    },
    mkdir: folder,
    ln: link,
    useradd: user,
    'docker run': container,
    'docker compose': compose('docker compose'),
    'docker-compose': compose('docker-compose'),
    'docker network create': (words) => {
      const [name] = words.plain('', '-d --driver --subnet') ?? [];
      return name === undefined ? undefined : made(`${words.sudo}docker network rm -f ${shellWord(name)}`);
    },
    'kubectl apply': kubectl,
    'kubectl create': kubectl,
    'kubectl create namespace': namespace,
    'helm install': chart,
    'npm install': npm,
    'npm i': npm,
    'pip install': pip,
    'apt install': apt,
    'apt-get install': apt,
    'systemctl start': unit('stop', '', MADE),
    'systemctl enable': unit('disable', '--now', "stderr.contains('Created symlink')"),
  }),
);

/** What nobody takes back. */
export const FINAL: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'git push': 'what was pushed may have been fetched',
    'npm publish': 'what was published may have been installed',
    'cargo publish': 'what was published may have been installed',
    'docker push': 'what was pushed may have been pulled',
  }),
);
