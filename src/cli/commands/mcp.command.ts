/** `belay mcp`: the MCP server over stdio. What still moves when the client leaves goes to a background host. */
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { programVersion } from '../program-version.ts';

export const mcpCommand: AddCommand = (program, perform) => {
  program
    .command('mcp')
    .summary('serve MCP over stdio')
    .description('Serve MCP over stdin and stdout, for one client. Runs go on when the client leaves.')
    .action(() =>
      perform(async (cli) => {
        const belay = await cli.belay(true);
        const { serveMcpStdio } = await import('../../mcp/stdio.ts');
        await serveMcpStdio({
          belay,
          tools: await cli.world.tools(),
          version: programVersion(),
          cwd: cli.world.cwd,
          // `perform` closes, which hands the runs over
          onClientGone: () => {},
        });
        return EXIT.done;
      }),
    );
};
