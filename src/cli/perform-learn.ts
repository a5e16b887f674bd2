/** What `belay learn` does; loaded when it is asked for, with all the readers of histories. */
import { resolve } from 'node:path';
import type { Belay } from '../tools/belay.ts';
import { forgettable, forgetWish } from '../tools/import/forget-learned.ts';
import { importHistories } from '../tools/import/import-histories.ts';
import { learnedSummary } from '../tools/import/learned-summary.ts';
import { patternRefusal } from '../tools/import/pattern-refusal.ts';
import { forgetPacks, readKeptPacks } from '../tools/packs/kept-packs.ts';
import { exportPack, importPack } from '../tools/packs/pack-file.ts';
import type { Cli } from './cli.ts';
import { EXIT } from './exit-code.ts';
import { forgottenText, importText, packText, summaryText } from './learned-text.ts';
import { LiveLine } from './live-line.ts';
import { Refusal, usage } from './refusal.ts';
import { wholeRunId } from './run-id.ts';

export interface LearnOptions {
  readonly from?: readonly string[];
  readonly forget?: string;
  readonly export?: string;
  readonly import?: readonly string[];
  readonly weight?: number;
  readonly yes?: boolean;
}

/** Longer than the largest log takes. */
const MINING_MS = 60_000;
/** How often it is shown what is left to learn from. */
const LOOK_MS = 500;
/** A shorter text is a pattern, though a run's id may begin so. */
const RUN_ID_CHARS_MIN = 6;

export async function performLearn(cli: Cli, options: LearnOptions): Promise<number> {
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
  const belay = await cli.belay();
  const line = new LiveLine(cli.terminal);
  const { gone } = cli.terminal;
  try {
    const report = await importHistories(belay.learning.store, {
      paths,
      cwd: cli.world.cwd,
      onFile: (path, done, total) => line.show(`[${done + 1}/${total}] ${path}`),
      signal: gone,
    });
    await learnAll(belay, gone, (left) => line.show(`${left} commands to learn from`));
    line.clear();
    cli.print(report, importText(report, cli));
    return report.files.length > 0 ? EXIT.done : EXIT.failed;
  } finally {
    line.clear();
  }
}

/** So that the next question finds it learned and mined, which waits only a second or two for that itself. */
async function learnAll(
  { learning, library, catalogue }: Belay,
  gone: AbortSignal,
  onLeft: (commands: number) => void,
): Promise<void> {
  const learner = await learning.learner(() => ({ entries: library.list(), catalogue }));
  while (!gone.aborted) {
    const { behind } = await learner.models(LOOK_MS);
    if (behind === 0) break;
    onLeft(behind);
  }
  const miner = await learning.miner(catalogue);
  if (!gone.aborted) await miner.patterns(MINING_MS, true);
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
  const refusal = size.steps + size.words === 0 ? await patternRefusal(belay, what) : undefined;
  if (refusal) throw new Refusal(refusal);
  const hasPacks = wish === 'all' && (readKeptPacks(home)?.pack.size ?? 0) > 0;
  if (!isAgreed) await agree(cli, forgottenText(size, hasPacks));
  const forgotten = await learning.forget(wish);
  if (wish === 'all') forgetPacks(home);
  cli.print(
    { commands: forgotten.steps, sessions: forgotten.sessions },
    forgotten.steps + forgotten.words === 0 && !hasPacks
      ? 'nothing of that was learned'
      : `forgot ${forgottenText(forgotten, hasPacks)}`,
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
