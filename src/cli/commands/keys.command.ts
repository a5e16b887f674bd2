/** `belay keys`: makes, lists and revokes the keys that callers of `belay serve` need. */
import type { AccessKey } from '../../http/keys/access-key.ts';
import type { KeyFolder } from '../../http/keys/key-folder.ts';
import { ROLES, type Role } from '../../tools/access.ts';
import { homeFolder } from '../../tools/home-folder.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { Refusal, usage } from '../refusal.ts';
import { tableLines } from '../table.ts';

const EXPIRES_MS_MAX = 3_653 * 86_400_000;

interface AddOptions {
  readonly role: readonly string[];
  readonly expires?: string;
}

export const keysCommand: AddCommand = (program, perform) => {
  const keys = program
    .command('keys')
    .summary('access keys for belay serve')
    .description(
      'Make, list and revoke the keys that callers of `belay serve` need. With the first one, all need one.',
    );
  keys
    .command('add')
    .summary('make a key')
    .description('Make a key and show it, once. What its holder does is in the journal under the name.')
    .argument('<name>', 'whose key it is')
    .requiredOption('--role <role...>', ROLES.join(', '))
    .option('--expires <duration>', 'when it ends, such as 30d; never unless said')
    .action((name: string, options: AddOptions) => perform((cli) => add(cli, name, options)));
  keys
    .command('ls')
    .summary('list keys')
    .description('List the keys, with their roles and whether they can be used.')
    .action(() => perform(list));
  keys
    .command('revoke')
    .summary('end a key')
    .description('End a key. A server refuses it from the next request on.')
    .argument('<name>', 'whose key it is')
    .action((name: string) => perform((cli) => revoke(cli, name)));
};

async function keyFolder(cli: Cli): Promise<KeyFolder> {
  const { KeyFolder } = await import('../../http/keys/key-folder.ts');
  return new KeyFolder(homeFolder(cli.options.home));
}

async function add(cli: Cli, name: string, options: AddOptions): Promise<number> {
  const roles = options.role.flatMap((each) => each.split(',')).map(knownRole);
  const expiresAtMs = options.expires === undefined ? undefined : await expiry(options.expires);
  const added = (await keyFolder(cli)).add({ name, roles, expiresAtMs });
  if (!added.ok) throw new Refusal(added.error);
  const { key, token } = added.value;
  cli.print({ ...(await shown(key)), key: token }, token);
  if (!cli.json) cli.note(`this key is not shown again; \`belay keys revoke ${name}\` ends it`);
  return EXIT.done;
}

function knownRole(word: string): Role {
  const role = ROLES.find((each) => each === word);
  if (role) return role;
  throw usage(`role \`${word}\` is not known`, `choose from ${ROLES.join(', ')}`);
}

async function expiry(text: string): Promise<number> {
  const { parseDuration } = await import('../../definition/duration.ts');
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0 || ms > EXPIRES_MS_MAX)
    throw usage(`\`${text}\` is no time for a key to last`, 'write 12h or 30d; ten years at most');
  return Date.now() + ms;
}

async function list(cli: Cli): Promise<number> {
  const keys = await Promise.all((await keyFolder(cli)).list().map(shown));
  const rows = keys.map((each) => [each.name, each.state, each.roles.join(','), each.expires_at ?? 'never']);
  const text = tableLines(['name', 'state', 'roles', 'expires'], rows, cli.tableColumns);
  cli.print({ keys }, keys.length === 0 ? 'no keys' : text.join('\n'));
  return EXIT.done;
}

async function revoke(cli: Cli, name: string): Promise<number> {
  const revoked = (await keyFolder(cli)).revoke(name);
  if (!revoked.ok) throw new Refusal(revoked.error);
  cli.print(await shown(revoked.value), `key ${name} is revoked`);
  return EXIT.done;
}

/** Without the digest: nobody needs it. */
async function shown(key: AccessKey) {
  const { keyState } = await import('../../http/keys/access-key.ts');
  const { sha256: _digest, ...rest } = key;
  return { ...rest, state: keyState(key, Date.now()) };
}
