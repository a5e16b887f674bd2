/** `belay learn`: what was learned, more of it from histories and packs, and less of it. */
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { forgettable, forgetWish } from '../../tools/import/forget-learned.ts';
import { importHistories } from '../../tools/import/import-histories.ts';
import { learnedSummary } from '../../tools/import/learned-summary.ts';
import { forgetPacks, readKeptPacks } from '../../tools/packs/kept-packs.ts';
import { exportPack, importPack } from '../../tools/packs/pack-file.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { forgottenText, importText, packText, summaryText } from '../learned-text.ts';
import { LiveLine } from '../live-line.ts';
import { Refusal, usage } from '../refusal.ts';
import { wholeRunId } from '../run-id.ts';

interface LearnOptions {
  readonly from?: readonly string[];
  readonly forget?: string;
  readonly export?: string;
  readonly import?: readonly string[];
  readonly weight?: number;
  readonly yes?: boolean;
}

/** A shorter text is a pattern, though a run's id may begin so. */
const RUN_ID_CHARS_MIN = 6;

export const learnCommand: AddCommand = (program, perform) => {
  program
    .command('learn')
    .summary('show what was learned, import histories, forget')
    .description(
      'Show what Belay has learned from; learn from histories: shells (bash, zsh, fish), Atuin, Claude Code transcripts,\n' +
        'GitHub Actions, package.json, JSON Lines. Secrets are taken out before anything is kept.',
    )
    .option('--from <path...>', 'learn from these files and folders; once more changes nothing')
    .option('--forget <what>', 'a text in commands (* is any text), a run, an import, or ALL')
    .option('--export <file>', 'write a pack: how often which kind of command follows which, without values')
    .option('--import <file...>', 'take in packs of others')
    .option('--weight <share>', 'how far these packs are trusted, 1 unless said', share)
    .option('-y, --yes', 'do not ask before forgetting')
    .action((options: LearnOptions) => perform((cli) => learn(cli, options)));
};

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}

async function learn(cli: Cli, options: LearnOptions): Promise<number> {
  const { from, forget, export: target, import: packs, weight } = options;
  if ([from, forget, target, packs].filter((wish) => wish !== undefined).length > 1)
    throw usage('expected one of `--from`, `--forget`, `--export` and `--import`', 'belay learn --help');
  if (weight !== undefined && packs === undefined)
    throw usage('`--weight` says how far the packs of `--import` are trusted', 'belay learn --help');
  if (from) return learnFrom(cli, from);
  if (forget !== undefined) return forgetLearned(cli, forget, options.yes === true);
  if (target !== undefined) return exportTo(cli, target);
  return packs ? importFrom(cli, packs, weight ?? 1) : show(cli);
}

async function show(cli: Cli): Promise<number> {
  const { home, learning } = await cli.belay();
  const { newestAt, ...summary } = learnedSummary(learning.store, home);
  const packs = readKeptPacks(home)?.pack.size ?? 0;
  const newest = newestAt === undefined ? undefined : new Date(newestAt).toISOString();
  const known = { ...summary, ...(newest !== undefined && { newest_at: newest }), packs };
  cli.print(known, summaryText(known, cli));
  return EXIT.done;
}

async function learnFrom(cli: Cli, paths: readonly string[]): Promise<number> {
  const { learning } = await cli.belay();
  const line = new LiveLine(cli.terminal);
  const report = await importHistories(learning.store, {
    paths,
    cwd: cli.world.cwd,
    onFile: (path, done, total) => line.show(`[${done + 1}/${total}] ${path}`),
    signal: cli.terminal.gone,
  }).finally(() => line.clear());
  cli.print(report, importText(report, cli));
  return report.files.length > 0 ? EXIT.done : EXIT.failed;
}

async function forgetLearned(cli: Cli, what: string, isAgreed: boolean): Promise<number> {
  if (what.trim() === '') throw usage('expected what is to be forgotten', 'belay learn --help');
  const belay = await cli.belay();
  const { home, learning } = belay;
  const typed = what.replace(/^run:/, '');
  const runId = typed.length < RUN_ID_CHARS_MIN ? undefined : wholeRunId(belay, typed);
  const isRun =
    runId !== undefined && (runId !== typed || typed !== what || belay.journal.run(runId) !== undefined);
  const wish = forgetWish(what, isRun ? runId : undefined);
  const size = forgettable(learning.store, wish);
  if (!isAgreed) await agree(cli, `${forgottenText(size)}${wish === 'all' ? ', and all packs' : ''}`);
  const forgotten = learning.store.forget(wish);
  if (wish === 'all') forgetPacks(home);
  cli.print(
    { commands: forgotten.steps, sessions: forgotten.sessions },
    `forgot ${forgottenText(forgotten)}`,
  );
  return EXIT.done;
}

async function agree(cli: Cli, what: string): Promise<void> {
  if (!cli.terminal.interactive)
    throw new Refusal({
      code: 'confirmation_needed',
      message: `${what} would be forgotten, and nobody is here to be asked`,
      hint: 'say --yes if that is what you want',
    });
  const answer = await cli.terminal.ask(`forget ${what}? [y/N] `);
  if (!/^y(es)?$/i.test(answer?.trim() ?? ''))
    throw new Refusal({ code: 'declined', message: 'nothing was changed' });
}

async function exportTo(cli: Cli, target: string): Promise<number> {
  const { home, learning } = await cli.belay();
  const path = resolve(cli.world.cwd, target);
  const written = exportPack(learning.store, home, path);
  if (!written.ok) throw new Refusal({ ...written.error });
  cli.print({ path, ...written.value }, `wrote ${packText(written.value)} to ${path}`);
  return EXIT.done;
}

async function importFrom(cli: Cli, files: readonly string[], weight: number): Promise<number> {
  const { home } = await cli.belay();
  const taken = [];
  for (const file of files) {
    const path = resolve(cli.world.cwd, file);
    const read = importPack(home, path, weight);
    if (!read.ok) throw new Refusal({ ...read.error });
    taken.push({ path, ...read.value });
  }
  const lines = taken.map(({ path, taken: size }) => `took in ${packText(size)} of ${path}`);
  cli.print({ packs: taken }, lines.join('\n'));
  return EXIT.done;
}
