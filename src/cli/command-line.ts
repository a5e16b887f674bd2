/**
 * The command line as a whole: the tree of commands, global options, and the one place where the end of a command
 * (an exit code, a refusal, a bug) becomes output and exit code.
 */
import { Command, CommanderError } from 'commander';
import { thrownProblem } from '../tools/storage-problem.ts';
import { Cli, type GlobalOptions } from './cli.ts';
import { commandsFor } from './commands/catalogue.ts';
import { refusalText } from './diagnostic-text.ts';
import { EXIT, exitCodeOfError } from './exit-code.ts';
import { programVersion } from './program-version.ts';
import { Refusal, usage } from './refusal.ts';
import type { World } from './world.ts';

/** @returns the exit code; never rejects */
export async function commandLine(argv: readonly string[], world: World): Promise<number> {
  const program = newProgram(world);
  let exitCode: number = EXIT.done;
  const perform = async (act: (cli: Cli) => Promise<number>) => {
    const cli = new Cli(world, program.opts<GlobalOptions>());
    const forget = world.onTermination(() => cli.terminate());
    try {
      exitCode = await act(cli);
    } finally {
      forget();
      await cli.tell();
      cli.close();
    }
  };
  for (const add of await commandsFor(argv)) add(program, perform);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    const used = program.commands.find((command) => argv.includes(command.name()));
    return failed(error, world, { json: argv.includes('--json'), help: helpOf(used) });
  }
}

function newProgram(world: World): Command {
  const { terminal } = world;
  return new Command('belay')
    .description('Durable, reversible command workflows for AI agents and people.')
    .version(programVersion(), '-V, --version', 'print the version')
    .option('--home <dir>', 'data folder, instead of $BELAY_HOME or the XDG data folder')
    .option('--workflows <dir>', 'folder of workflows that is searched first')
    .option('--json', 'print exactly one JSON document on stdout')
    .helpOption('-h, --help', 'print help')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHelpWidth: () => terminal.columns(),
      getErrHelpWidth: () => terminal.columns(),
      // worded below, together with all other errors
      outputError: () => {},
    });
}

const helpOf = (command: Command | undefined): string =>
  command === undefined
    ? 'belay --help shows the commands'
    : `belay ${command.name()} --help shows how it is used`;

function failed(
  error: unknown,
  world: World,
  { json, help }: { readonly json: boolean; readonly help: string },
): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done;
    // the help has been printed
    if (error.code === 'commander.help') return EXIT.usage;
  }
  const refusal = refusalOf(error, help);
  const { terminal } = world;
  if (json) terminal.out(`${JSON.stringify({ error: refusal.error }, null, 2)}\n`);
  else terminal.err(`${refusalText(refusal, terminal.style('err'))}\n`);
  return exitCodeOfError(refusal.error.code);
}

function refusalOf(error: unknown, help: string): Refusal {
  if (error instanceof Refusal) return error;
  const problem = thrownProblem(error);
  if (problem) return new Refusal(problem);
  if (error instanceof CommanderError) return wrongSyntax(error, help);
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Refusal({ code: 'internal', message, hint: 'this is a bug in Belay: please report it' });
}

/** `error: unknown command 'lst'\n(Did you mean list?)` in our manner. */
function wrongSyntax({ message }: CommanderError, help: string): Refusal {
  const [first = '', ...rest] = message.replace(/^error: /, '').split('\n');
  const meant = /\(Did you mean (.*)\?\)/.exec(rest.join(' '))?.[1];
  const text = first.replace(/'([^']*)'/g, '`$1`').replace(/\.$/, '');
  return usage(text, meant === undefined ? help : `did you mean \`${meant}\`?`);
}
