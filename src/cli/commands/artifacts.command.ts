/** `belay artifacts`: the files that runs have handed out, listed, copied out, kept and let go of. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { bytesText } from '../../engine/core/bytes-text.ts';
import { artifactFileName, artifactView, findArtifact, readArtifact } from '../../tools/artifacts.ts';
import type { Belay } from '../../tools/belay.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wholeNumber } from '../option-value.ts';
import { Refusal } from '../refusal.ts';
import { wholeRunId } from '../run-id.ts';
import { printable } from '../style.ts';
import { tableLines } from '../table.ts';
import { timeText } from '../time-text.ts';

const LIMIT = 100;

type Perform = Parameters<AddCommand>[1];
type Artifact = Extract<ReturnType<typeof findArtifact>, { readonly ok: true }>['value'];

export const artifactsCommand: AddCommand = (program, perform) => {
  const command = program
    .command('artifacts')
    .summary('list and copy the files that runs have handed out')
    .description(
      'List the files that runs have handed out, newest first: of all, of one run, or of one workflow.',
    )
    .argument('[of]', 'run id, or its beginning, or a workflow')
    .option('--limit <n>', `artifacts to list, ${LIMIT} unless said`, wholeNumber)
    .action((of: string | undefined, options: { readonly limit?: number }) =>
      perform((cli) => list(cli, of, options.limit ?? LIMIT)),
    );
  addGet(command, perform);
  addOn(command, 'pin', 'keep an artifact from being removed', (run, name) =>
    perform((cli) => pin(cli, run, name, true)),
  );
  addOn(command, 'unpin', 'let retention remove an artifact again', (run, name) =>
    perform((cli) => pin(cli, run, name, false)),
  );
  addOn(command, 'rm', 'remove an artifact', (run, name) => perform((cli) => remove(cli, run, name)));
};

function addOn(
  command: Command,
  word: string,
  summary: string,
  act: (run: string, name: string) => Promise<void>,
): Command {
  return command
    .command(word)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
    .argument('<run>', 'run id, or its beginning')
    .argument('<name>', 'name of the artifact')
    .action(act);
}

function addGet(command: Command, perform: Perform): void {
  command
    .command('get')
    .summary('copy an artifact into a file')
    .description('Copy an artifact into a file; the bytes are verified. A folder comes as a tar archive.')
    .argument('<run>', 'run id, or its beginning')
    .argument('<name>', 'name of the artifact')
    .option('-o, --output <file>', 'file to write; its own name in the current directory unless said')
    .action((run: string, name: string, options: { readonly output?: string }) =>
      perform((cli) => get(cli, run, name, options.output)),
    );
}

async function list(cli: Cli, of: string | undefined, limit: number): Promise<number> {
  const belay = await cli.belay();
  const found = belay.journal.artifacts.list({ ...whose(belay, of), limit: limit + 1 });
  const shown = found.slice(0, limit);
  const more = found.length > limit;
  cli.print({ artifacts: shown.map(artifactView), more }, listText(cli, shown, more));
  return EXIT.done;
}

/** A run by its id, a workflow by its name, a run by the beginning of its id. */
function whose(belay: Belay, of: string | undefined): { runId?: string; workflow?: string } {
  const { journal, library } = belay;
  if (of === undefined) return {};
  if (journal.run(of)) return { runId: of };
  if (library.find(of) || journal.runs({ workflow: of, limit: 1 }).runs.length > 0) return { workflow: of };
  const runId = wholeRunId(belay, of);
  if (!journal.run(runId)) throw unknown(of);
  return { runId };
}

const unknown = (of: string): Refusal =>
  new Refusal({
    code: 'unknown_run',
    message: `\`${of}\` is neither a run nor a workflow`,
    hint: 'belay history lists the runs, belay list the workflows',
  });

function listText(cli: Cli, shown: readonly Artifact[], more: boolean): string {
  if (shown.length === 0) return 'no artifacts';
  const style = cli.terminal.style('out');
  const rows = shown.map((each) => [
    style.bold(printable(each.name)),
    each.runId,
    each.workflow,
    bytesText(each.size),
    each.mediaType,
    timeText(new Date(each.at).toISOString()),
    [each.pinned ? 'pinned' : '', ...each.tags]
      .filter((word) => word !== '')
      .map(printable)
      .join(' '),
  ]);
  const head = ['ARTIFACT', 'RUN', 'WORKFLOW', 'SIZE', 'TYPE', 'STORED', ''];
  const lines = tableLines(head, rows, cli.tableColumns);
  return [...lines, ...(more ? ['there are more: raise --limit'] : [])].join('\n');
}

async function one(cli: Cli, typed: string, name: string): Promise<{ belay: Belay; found: Artifact }> {
  const belay = await cli.belay();
  const found = findArtifact(belay, wholeRunId(belay, typed), name);
  if (!found.ok) throw new Refusal(found.error);
  return { belay, found: found.value };
}

async function get(cli: Cli, typed: string, name: string, output: string | undefined): Promise<number> {
  const { belay, found } = await one(cli, typed, name);
  const file = resolve(cli.world.cwd, output ?? artifactFileName(found));
  if (output === undefined && existsSync(file))
    throw new Refusal({
      code: 'conflict',
      message: `\`${file}\` is there already`,
      hint: 'say with -o which file to write',
    });
  const bytes = await readArtifact(belay.artifacts, found);
  if (!bytes.ok) throw new Refusal(bytes.error);
  await write(file, bytes.value);
  cli.print({ ...artifactView(found), file }, `${file}: ${bytesText(found.size)}, sha256 ${found.sha256}`);
  return EXIT.done;
}

/** Beside its place first: a copy that was cut short, or is damaged, never has the name. */
async function write(file: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const temp = join(dirname(file), `.belay-${randomBytes(6).toString('hex')}`);
  try {
    const target = await open(temp, 'wx');
    try {
      for await (const piece of bytes) await target.appendFile(piece);
    } finally {
      await target.close();
    }
    await rename(temp, file);
  } catch (error) {
    throw new Refusal({
      code: 'io',
      message: `\`${file}\` could not be written: ${(error as Error).message}`,
      hint: 'see that the folder is there and has room; `belay doctor` says whether the data folder is whole',
    });
  } finally {
    await rm(temp, { force: true });
  }
}

async function pin(cli: Cli, typed: string, name: string, pinned: boolean): Promise<number> {
  const { belay, found } = await one(cli, typed, name);
  belay.journal.artifacts.pin(found.runId, name, pinned);
  const words = pinned ? 'is pinned: retention leaves it alone' : 'is no longer pinned';
  cli.print({ ...artifactView(found), pinned }, `${name} of ${found.runId} ${words}`);
  return EXIT.done;
}

async function remove(cli: Cli, typed: string, name: string): Promise<number> {
  const { belay, found } = await one(cli, typed, name);
  if (found.pinned)
    throw new Refusal({
      code: 'conflict',
      message: `artifact \`${name}\` of run \`${found.runId}\` is pinned`,
      hint: `belay artifacts unpin ${found.runId} ${name}`,
    });
  belay.journal.artifacts.drop([found]);
  const shared = belay.journal.artifacts.isReferred(found.sha256);
  const bytes = shared ? 'others refer to the same bytes' : `belay gc frees ${bytesText(found.size)}`;
  cli.print({ ...artifactView(found), removed: true }, `${name} of ${found.runId} is removed; ${bytes}`);
  return EXIT.done;
}
