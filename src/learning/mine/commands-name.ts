/**
 * A name and a description for commands that are done together, as a person would give them: what is done, in order,
 * rather than the programs that do it.
 */
import { identifier, stepName, tellingStub } from './step-name.ts';

const NAME_CHARS_MAX = 40;
const NAMED_MAX = 4;

/** By stub: the verb of the name, and what the description says where that is more. */
const ACTS = new Map(
  Object.entries<readonly [verb: string, phrase?: string]>({
    'git add': ['stage', 'stage changes'],
    'git branch': ['branch', 'create a branch'],
    'git checkout': ['check-out', 'check out a branch'],
    'git switch': ['switch', 'switch the branch'],
    'git clone': ['clone', 'clone a repository'],
    'git commit': ['commit'],
    'git fetch': ['fetch'],
    'git init': ['init', 'init a repository'],
    'git merge': ['merge'],
    'git pull': ['pull'],
    'git push': ['push'],
    'git rebase': ['rebase'],
    'git stash': ['stash', 'stash changes'],
    'git tag': ['tag'],
    'npm ci': ['install', 'install packages'],
    'npm install': ['install', 'install packages'],
    'npm i': ['install', 'install packages'],
    'npm publish': ['publish', 'publish the package'],
    'npm test': ['test'],
    'npm version': ['bump', 'bump the version'],
    'pip install': ['install', 'install packages'],
    'apt install': ['install', 'install packages'],
    'apt-get install': ['install', 'install packages'],
    'apt update': ['update', 'update package lists'],
    'apt-get update': ['update', 'update package lists'],
    check: ['check', 'check a condition'],
    pytest: ['test'],
    'python -m pytest': ['test'],
    'cargo build': ['build'],
    'cargo clippy': ['lint'],
    'cargo fmt': ['format'],
    'cargo test': ['test'],
    'go build': ['build'],
    'go fmt': ['format'],
    gofmt: ['format'],
    'go generate': ['generate', 'generate code'],
    'go mod tidy': ['tidy', 'tidy modules'],
    'go test': ['test'],
    'go vet': ['vet'],
    'docker build': ['build', 'build an image'],
    'docker compose up': ['start', 'start services'],
    'docker compose down': ['stop', 'stop services'],
    'docker pull': ['pull', 'pull an image'],
    'docker push': ['push', 'push an image'],
    'docker run': ['run', 'run a container'],
    'docker tag': ['tag', 'tag an image'],
    'kubectl apply': ['apply', 'apply manifests'],
    'kubectl rollout restart': ['restart', 'restart a deployment'],
    'kubectl rollout status': ['wait', 'wait for the rollout'],
    'helm install': ['install', 'install a chart'],
    'helm upgrade': ['upgrade', 'upgrade a chart'],
    'terraform init': ['init', 'init terraform'],
    'terraform plan': ['plan'],
    'terraform apply': ['apply'],
    'systemctl restart': ['restart', 'restart a service'],
    'systemctl start': ['start', 'start a service'],
    'gh pr create': ['open-pr', 'open a pull request'],
    eslint: ['lint'],
    prettier: ['format'],
    ruff: ['lint'],
    tsc: ['check-types', 'check types'],
    curl: ['fetch'],
    wget: ['download'],
    'git stash pop': ['unstash', 'bring the stash back'],
    'git reset': ['reset'],
    'cat <<': ['write-file', 'write a file'],
    'echo >': ['write-file', 'write a file'],
    'printf >': ['write-file', 'write a file'],
    chmod: ['change-mode', 'change the mode of files'],
    cp: ['copy', 'copy files'],
    ln: ['link', 'make a link'],
    mv: ['move', 'move files'],
    nmap: ['scan', 'scan the network'],
    rm: ['remove', 'remove files'],
    useradd: ['add-user', 'add a user'],
    mkdir: ['make-folder', 'make a folder'],
  }),
);
/** Their scripts are called as people call what they do. */
const PACKAGE_SCRIPTS = new Set(['npm', 'pnpm', 'yarn', 'bun']);
const PLAIN = /^[\w./-]+$/;
const NEW_BRANCH = /^git (?:checkout|switch) (?:-q )?-[bBcC]\b/;

/** Kebab-case; what these commands do together. */
export function commandsName(commands: readonly string[]): string {
  const verbs = [...new Set(commands.map((command) => actOf(command)[0]))];
  const all = verbs.length <= NAMED_MAX ? listed(verbs, '-', '-and-') : '';
  const isShort = all !== '' && all.length <= NAME_CHARS_MAX;
  return identifier(isShort ? all : `${verbs[0]}-to-${verbs.at(-1)}`);
}

/** The same in a sentence, with the programs that it does not name. */
export function commandsDescription(commands: readonly string[]): string {
  const phrases = [...new Set(commands.map((command) => actOf(command)[1]))];
  const sentence = listed(phrases, ', ', phrases.length > 2 ? ', and ' : ' and ');
  const programs = new Set(commands.map((command) => tellingStub(command).split(' ')[0] ?? ''));
  const others = [...programs].filter((program) => !sentence.includes(program)).join(', ');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${others === '' ? '' : ` (${others})`}`;
}

function listed(words: readonly string[], between: string, last: string): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(between)}${last}${words.at(-1)}`;
}

function actOf(command: string): readonly [verb: string, phrase: string] {
  const known = NEW_BRANCH.test(command)
    ? (['branch', 'create a branch'] as const)
    : ACTS.get(tellingStub(command));
  if (known) return [known[0], known[1] ?? known[0]];
  const stub = tellingStub(command);
  const verb = stepName(command, new Set());
  const words = stub.split(' ');
  if (PACKAGE_SCRIPTS.has(words[0] ?? '')) return [verb, verb.replaceAll('-', ' ')];
  if (words.length > 1 && words.every((word) => PLAIN.test(word))) return [verb, stub];
  return [verb, `run ${words.length > 1 ? verb : stub}`];
}
