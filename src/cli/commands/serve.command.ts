/** `belay serve`: MCP and REST over HTTP. What still moves when the server ends goes to a background host. */
import { InvalidArgumentError } from 'commander';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { programVersion } from '../program-version.ts';
import { Refusal } from '../refusal.ts';

const HOST = '127.0.0.1';
const PORT = 8901;
const PORT_MAX = 65_535;

interface Options {
  readonly host: string;
  readonly port: number;
  readonly allowHost?: readonly string[];
}

export const serveCommand: AddCommand = (program, perform) => {
  program
    .command('serve')
    .summary('serve MCP and REST over HTTP')
    .description(
      'Serve MCP at /mcp and REST at /api/v1 over HTTP, with docs at /docs. Only for this machine, unless there are keys.',
    )
    .option('--host <address>', 'address to listen on', HOST)
    .option('--port <n>', 'port to listen on; 0 takes any that is free', port, PORT)
    .option('--allow-host <name...>', 'more names by which callers reach it, through a proxy')
    .action((options: Options) => perform((cli) => serve(cli, options)));
};

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= PORT_MAX) return value;
  throw new InvalidArgumentError(`Expected a number from 0 to ${PORT_MAX}.`);
}

async function serve(cli: Cli, options: Options): Promise<number> {
  const { home } = await cli.belay(true);
  const open = () => cli.open(true);
  const { serveHttp } = await import('../../http/serve-http.ts');
  const { belayResources } = await import('../../mcp/belay-resources.ts');
  const served = await serveHttp({
    home,
    open,
    tools: await cli.world.tools(),
    resources: belayResources(open),
    version: programVersion(),
    cwd: cli.world.cwd,
    host: options.host,
    port: options.port,
    ...(options.allowHost && { allowedHosts: options.allowHost }),
  });
  if (!served.ok) throw new Refusal(served.error);
  const server = served.value;
  cli.takeLeave(() => server.close());
  const { url } = server;
  cli.print({ url, mcp: `${url}/mcp`, docs: `${url}/docs` }, `serving on ${url} (docs at ${url}/docs)`);
  await server.closed;
  return EXIT.done;
}
