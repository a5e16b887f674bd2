/** `belay doctor`: is everything in order here, and what is affected where it is not. `--rebuild` mends the listings. */
import type { Result } from '../../engine/core/failure.ts';
import type { Store } from '../../store/open-store.ts';
import { StorageError, type StoreProblem } from '../../store/problem.ts';
import { homeFolder } from '../../tools/home-folder.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import {
  attributesFinding,
  diskFinding,
  type Finding,
  integrityFindings,
  nodeFinding,
  runFindings,
  shellFinding,
  snapshotFinding,
} from '../examine.ts';
import { EXIT } from '../exit-code.ts';
import { projectRun } from '../project-run.ts';
import type { Style } from '../style.ts';

export const doctorCommand: AddCommand = (program, perform) => {
  program
    .command('doctor')
    .summary('look for what is wrong')
    .description(
      'Check Node, shells, disk, database and unfinished runs. Exit code 1 when there is a problem.',
    )
    .option('--rebuild', 'make the listings of all runs anew from their events')
    .action((options: { readonly rebuild?: boolean }) =>
      perform((cli) => (options.rebuild === true ? rebuild(cli) : doctor(cli))),
    );
};

async function doctor(cli: Cli): Promise<number> {
  const home = homeFolder(cli.options.home);
  const { store, problem } = await openForReading(home);
  const findings: Finding[] = [
    nodeFinding(),
    shellFinding(process.env),
    diskFinding(home),
    snapshotFinding(home),
    attributesFinding(process.env),
    homeFinding(home, problem),
  ];
  try {
    if (store) findings.push(...integrityFindings(store), ...readable(() => runFindings(store)));
  } finally {
    store?.close();
  }
  const healthy = findings.every((finding) => finding.status !== 'problem');
  const style = cli.terminal.style('out');
  cli.print({ healthy, home, findings }, findings.map((finding) => findingText(finding, style)).join('\n'));
  return healthy ? EXIT.done : EXIT.failed;
}

/** What can be read in spite of the damage that has been found before. */
function readable(look: () => readonly Finding[]): readonly Finding[] {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const { message, hint } = error.problem;
    return [{ name: 'listings', status: 'problem', detail: message, hint }];
  }
}

/** Writable where that is possible, so that a journal left by a crash is taken in; else as it lies there. */
async function openForReading(
  home: string,
): Promise<{ readonly store?: Store; readonly problem?: StoreProblem }> {
  const { openStore } = await import('../../store/open-store.ts');
  const writable = openStore(home);
  if (writable.ok) return { store: writable.value };
  const reading: Result<Store, StoreProblem> = openStore(home, { readOnly: true });
  return { problem: writable.error, ...(reading.ok && { store: reading.value }) };
}

const homeFinding = (home: string, problem: StoreProblem | undefined): Finding =>
  problem === undefined
    ? { name: 'data folder', status: 'ok', detail: home }
    : { name: 'data folder', status: 'problem', detail: problem.message, hint: problem.hint };

const WORDS = { ok: 'green', warning: 'yellow', problem: 'red' } as const;

function findingText({ name, status, detail, hint }: Finding, style: Style): string {
  const line = `${style[WORDS[status]](status.padEnd('problem'.length))}  ${name}: ${detail}`;
  return hint === undefined ? line : `${line}\n         hint: ${hint}`;
}

async function rebuild(cli: Cli): Promise<number> {
  const { journal } = await cli.belay();
  const { runs, damaged } = journal.rebuild(projectRun);
  const lines = damaged.map(({ runId, message }) => `run ${runId} was left as it was: ${message}`);
  cli.print(
    { rebuilt: runs, damaged },
    [`made the listings of ${runs} ${runs === 1 ? 'run' : 'runs'} anew`, ...lines].join('\n'),
  );
  return damaged.length > 0 ? EXIT.failed : EXIT.done;
}
