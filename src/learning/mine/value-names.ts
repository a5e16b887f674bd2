/**
 * What the values of well-known commands are: names for arguments in their order and for what follows a flag. A flag of
 * such a command that is not listed stands alone; of other commands a flag may have a value, as far as anybody can tell.
 */
import { typeWord, type WordType } from '../shell/type-word.ts';

export interface Usage {
  /** Names of the arguments; the last one stands for all that follow. */
  readonly args: readonly string[];
  /** Flags with a value, and what it is. */
  readonly flags: { readonly [flag: string]: string };
}

const usage = (args: string, flags: { readonly [flag: string]: string } = {}): Usage => ({
  args: args.split(' ').filter((name) => name !== ''),
  flags,
});

const MESSAGE = { '-m': 'message', '--message': 'message' } as const;
const NEW_BRANCH = { '-b': 'branch', '-B': 'branch', '-c': 'branch', '-C': 'branch' } as const;
const CLUSTER = {
  '-n': 'namespace',
  '--namespace': 'namespace',
  '-f': 'file',
  '--filename': 'file',
  '-l': 'selector',
  '--context': 'context',
  '-c': 'container',
  '--replicas': 'replicas',
} as const;
const CHART = { ...CLUSTER, '--values': 'file', '--set': 'setting', '--version': 'version' } as const;
const IMAGE = { '-t': 'image', '--tag': 'image', '-f': 'file', '--file': 'file' } as const;
const REQUEST = {
  '--title': 'title',
  '-t': 'title',
  '--body': 'body',
  '-b': 'body',
  '--base': 'base',
  '-B': 'base',
  '--head': 'branch',
} as const;
const UNIT = usage('unit');
const PACKAGE = usage('package');
const SCRIPT = usage('script');

const USAGES = new Map(
  Object.entries<Usage>({
    'git add': usage('path'),
    'git branch': usage('branch start'),
    'git checkout': usage('branch start', NEW_BRANCH),
    'git switch': usage('branch start', NEW_BRANCH),
    'git cherry-pick': usage('revision'),
    'git clone': usage('repository folder', { '-b': 'branch', '--branch': 'branch', '--depth': 'depth' }),
    'git commit': usage('path', { ...MESSAGE, '-am': 'message' }),
    'git fetch': usage('remote branch'),
    'git merge': usage('branch', MESSAGE),
    'git pull': usage('remote branch'),
    'git push': usage('remote branch'),
    'git rebase': usage('branch'),
    'git remote add': usage('remote url'),
    'git reset': usage('revision'),
    'git revert': usage('revision'),
    'git rm': usage('path'),
    'git stash push': usage('path', MESSAGE),
    'git tag': usage('tag revision', MESSAGE),
    'git worktree add': usage('folder branch', NEW_BRANCH),
    'npm install': PACKAGE,
    'npm i': PACKAGE,
    'npm uninstall': PACKAGE,
    'npm run': SCRIPT,
    'npm version': usage('version'),
    'pnpm add': PACKAGE,
    'yarn add': PACKAGE,
    'bun add': PACKAGE,
    'pip install': usage('package', { '-r': 'file', '--requirement': 'file' }),
    'uv add': PACKAGE,
    'cargo add': PACKAGE,
    'go get': PACKAGE,
    'brew install': PACKAGE,
    'apt install': PACKAGE,
    'apt-get install': PACKAGE,
    pytest: usage('path', { '-k': 'tests', '-m': 'mark' }),
    'python -m pytest': usage('path', { '-k': 'tests', '-m': 'mark' }),
    'go test': usage('path', { '-run': 'tests', '-timeout': 'timeout', '-count': 'count' }),
    'go build': usage('path', { '-o': 'file' }),
    'cargo test': usage('tests', { '-p': 'package', '--package': 'package' }),
    'docker build': usage('folder', IMAGE),
    'docker exec': usage('container'),
    'docker logs': usage('container'),
    'docker pull': usage('image'),
    'docker push': usage('image'),
    'docker rm': usage('container'),
    'docker run': usage('image', {
      '--name': 'container',
      '-p': 'port',
      '--publish': 'port',
      '-v': 'volume',
      '--volume': 'volume',
      '-e': 'variable',
      '--env': 'variable',
      '--network': 'network',
    }),
    'docker stop': usage('container'),
    'docker tag': usage('source image'),
    'docker network create': usage('network'),
    'helm install': usage('release chart', CHART),
    'helm uninstall': usage('release', CHART),
    'helm upgrade': usage('release chart', CHART),
    'gh issue create': usage('', REQUEST),
    'gh pr create': usage('', REQUEST),
    'gh release create': usage('tag file', { ...REQUEST, '--notes': 'notes', '-n': 'notes' }),
    'systemctl enable': UNIT,
    'systemctl restart': UNIT,
    'systemctl start': UNIT,
    'systemctl stop': UNIT,
    useradd: usage('user', { '-g': 'group', '-G': 'groups', '-s': 'shell', '-d': 'folder' }),
    usermod: usage('user', { '-aG': 'group', '-G': 'groups' }),
    ping: usage('host', { '-c': 'count' }),
    curl: usage('url', { '-o': 'file', '-X': 'method', '-d': 'data', '-H': 'header' }),
    wget: usage('url', { '-O': 'file' }),
    cd: usage('folder'),
    chmod: usage('mode path'),
    chown: usage('owner path'),
    cp: usage('source target'),
    ln: usage('target link'),
    mkdir: usage('folder', { '-m': 'mode' }),
    mv: usage('source target'),
    nmap: usage('host', { '-p': 'ports' }),
    rm: usage('path'),
    rsync: usage('source target'),
    scp: usage('source target', { '-P': 'port', '-i': 'file' }),
    tar: usage('file', { '-C': 'folder', '-f': 'file', '-czf': 'file', '-xzf': 'file', '-xf': 'file' }),
    touch: usage('file'),
    unzip: usage('file', { '-d': 'folder' }),
  }),
);

/** Programs whose subcommands are many and take the same. */
const FAMILIES = new Map(
  Object.entries<Usage>({
    kubectl: usage('resource name', CLUSTER),
    make: usage('target', { '-C': 'folder', '-f': 'file', '-j': 'jobs' }),
  }),
);

const TYPES: { readonly [type in WordType]: string } = {
  path: 'path',
  number: 'number',
  hash: 'revision',
  version: 'version',
  url: 'url',
  address: 'host',
  text: 'text',
  word: 'value',
};

/** Undefined where nobody knows what its flags take. */
export function usageOf(stub: string): Usage | undefined {
  const words = stub.split(' ');
  return USAGES.get(stub) ?? FAMILIES.get(words[0] ?? '');
}

/** What a value is, by how it looks. */
export function nameByType(value: string): string {
  const type = typeWord(value);
  if (type !== 'path') return TYPES[type];
  return value.endsWith('/') ? 'folder' : /\.[A-Za-z][A-Za-z0-9]{0,5}$/.test(value) ? 'file' : 'path';
}
