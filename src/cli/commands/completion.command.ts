/** `belay completion`: a completion script for a shell, made from the tree of commands. */
import { Argument } from 'commander';
import type { AddCommand } from '../command.ts';
import { completedCommands } from '../completion/command-tree.ts';
import { SHELLS, type Shell, shellScript } from '../completion/shell-script.ts';
import { EXIT } from '../exit-code.ts';

export const completionCommand: AddCommand = (program, perform) => {
  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Print a completion script; its first line says where to put it.')
    .addArgument(new Argument('<shell>', 'the shell').choices([...SHELLS]))
    .action((shell: Shell) =>
      perform(async (cli) => {
        const script = shellScript(shell, completedCommands(program));
        cli.print({ shell, script }, script);
        return EXIT.done;
      }),
    );
};
