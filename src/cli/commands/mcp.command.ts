/** `belay mcp`: the MCP server over stdio. What still moves when the client leaves goes to a background host. */
import { homeFolder } from '../../tools/home-folder.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { programVersion } from '../program-version.ts';

/** A client may start a server only to probe it: unfinished runs are taken up by one that stays. */
const PATIENCE_MS = 1_000;

export const mcpCommand: AddCommand = (program, perform) => {
  program
    .command('mcp')
    .summary('serve MCP over stdio')
    .description('Serve MCP over stdin and stdout, for one client. Runs go on when the client leaves.')
    .action(() =>
      perform(async (cli) => {
        const open = () => cli.open(true);
        const patience = setTimeout(open, PATIENCE_MS);
        const { serveMcpStdio } = await import('../../mcp/stdio.ts');
        const { belayPrompts } = await import('../../mcp/belay-prompts.ts');
        const { belayResources } = await import('../../mcp/belay-resources.ts');
        await serveMcpStdio({
          home: homeFolder(cli.options.home),
          open,
          tools: await cli.world.tools(),
          resources: belayResources(open),
          prompts: belayPrompts(open),
          version: programVersion(),
          cwd: cli.world.cwd,
          // `perform` closes, which hands the runs over
          onClientGone: () => clearTimeout(patience),
        });
        return EXIT.done;
      }),
    );
};
