/** `belay webhooks`: who is told of what by `belay serve`, and what has become of the deliveries. */
import { readFileSync } from 'node:fs';
import type { Result } from '../../engine/core/failure.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { Store } from '../../store/open-store.ts';
import type { ToolError } from '../../tools/tool.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { Refusal, usage } from '../refusal.ts';
import { tableLines } from '../table.ts';

interface AddOptions {
  readonly events: readonly string[];
  readonly secretFile?: string;
  readonly allowPrivate?: true;
}

interface DeliveriesOptions {
  readonly status?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

export const webhooksCommand: AddCommand = (program, perform) => {
  const webhooks = program
    .command('webhooks')
    .summary('tell other programs of events')
    .description(
      'Have `belay serve` send events to other programs, signed, and tried again until they arrive.',
    );
  webhooks
    .command('add')
    .summary('send events to an address')
    .description(
      'Send events to an address from now on, and show the secret that they are signed with, once.',
    )
    .argument('<url>', 'an https address')
    .requiredOption('--events <type...>', 'such as run.finished, question.*, or *')
    .option('--secret-file <file>', 'the secret, `whsec_…`; one is made unless given')
    .option('--allow-private', 'it may lie on this machine or in its network, and be plain http')
    .action((url: string, options: AddOptions) => perform((cli) => add(cli, url, options)));
  webhooks
    .command('ls')
    .summary('list webhooks')
    .description('List the webhooks, with the events that they are told of.')
    .action(() => perform(list));
  webhooks
    .command('rm')
    .summary('remove a webhook')
    .description('Remove a webhook, and what is on its way to it.')
    .argument('<webhook>', 'its id')
    .action((id: string) => perform((cli) => remove(cli, id)));
  webhooks
    .command('deliveries')
    .summary('list deliveries')
    .description('List what was sent to a webhook, and what is still to be sent, newest first.')
    .argument('<webhook>', 'its id')
    .option('--status <status>', 'pending, delivered, or dead: given up')
    .option('--limit <n>', '50 unless said')
    .option('--cursor <cursor>', 'go on behind an earlier page')
    .action((id: string, options: DeliveriesOptions) => perform((cli) => deliveries(cli, id, options)));
  webhooks
    .command('retry')
    .summary('deliver again')
    .description('Deliver again: one, or all that were given up. Also takes up a receiver that was gone.')
    .argument('<webhook>', 'its id')
    .argument('[delivery]', 'its id')
    .action((id: string, delivery: string | undefined) => perform((cli) => retry(cli, id, delivery)));
};

const acts = () => import('../../http/webhooks/webhook-acts.ts');

const journalOf = async (cli: Cli): Promise<Store> => (await cli.belay(false)).journal;

const demand = <T>(result: Result<T, ToolError>): T => {
  if (!result.ok) throw new Refusal(result.error);
  return result.value;
};

/** What takes the words of the line, for errors. */
const NAME = 'belay webhooks';

const parser = () => import('../../tools/parse-arguments.ts');

async function add(cli: Cli, url: string, options: AddOptions): Promise<number> {
  const { addWebhook, newWebhookSchema } = await acts();
  const { parseArguments } = await parser();
  const given = {
    url,
    events: options.events.flatMap((each) => each.split(',')),
    ...(options.secretFile !== undefined && { secret: secretIn(options.secretFile) }),
    ...(options.allowPrivate && { allow_private: true }),
  };
  const wish = demand(parseArguments({ name: NAME, input: newWebhookSchema }, given));
  const by = { by: cli.world.caller, nowMs: Date.now() };
  const added = demand(addWebhook(await journalOf(cli), wish, by));
  cli.print(added, `${added.webhook_id}\n${added.secret}`);
  if (!cli.json) cli.note('this secret is not shown again; `belay serve` delivers');
  return EXIT.done;
}

/** Words on the command line can be seen by others. */
function secretIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw usage(`\`--secret-file\` cannot be read: ${(error as Error).message}`);
  }
}

async function list(cli: Cli): Promise<number> {
  const { shownWebhook } = await acts();
  const webhooks = (await journalOf(cli)).webhooks.list();
  const rows = webhooks.map(({ id, status, events, url }) => [id, status, events.join(','), url]);
  const text = tableLines(['webhook', 'status', 'events', 'url'], rows, cli.tableColumns);
  cli.print({ webhooks: webhooks.map(shownWebhook) }, rows.length === 0 ? 'no webhooks' : text.join('\n'));
  return EXIT.done;
}

async function remove(cli: Cli, id: string): Promise<number> {
  const { oneWebhook, shownWebhook } = await acts();
  const journal = await journalOf(cli);
  const webhook = demand(oneWebhook(journal, id));
  journal.webhooks.remove(webhook.id);
  cli.print({ ...shownWebhook(webhook), removed: true }, `webhook ${id} is removed`);
  return EXIT.done;
}

async function deliveries(cli: Cli, id: string, options: DeliveriesOptions): Promise<number> {
  const { deliveriesOf, deliveriesSchema } = await acts();
  const { limit, ...rest } = options;
  const { parseArguments } = await parser();
  const given = { ...rest, ...(limit !== undefined && { limit: Number(limit) }) };
  const query = demand(parseArguments({ name: NAME, input: deliveriesSchema }, given));
  const page = demand(deliveriesOf(await journalOf(cli), id, query));
  const shown = page.deliveries as readonly JsonObject[];
  const rows = shown.map((each) =>
    [each.delivery_id, each.status, each.attempts, each.type, each.error ?? each.answer ?? ''].map(String),
  );
  const text = tableLines(['delivery', 'status', 'tries', 'event', 'last answer'], rows, cli.tableColumns);
  const more = page.next_cursor === undefined ? [] : [`more: --cursor ${page.next_cursor}`];
  cli.print(page, rows.length === 0 ? 'no deliveries' : [...text, ...more].join('\n'));
  return EXIT.done;
}

async function retry(cli: Cli, id: string, delivery: string | undefined): Promise<number> {
  const { retryDeliveries } = await acts();
  const done = demand(retryDeliveries(await journalOf(cli), id, delivery, Date.now()));
  cli.print(done, `${done.retried} to be delivered again, as soon as \`belay serve\` runs`);
  return EXIT.done;
}
