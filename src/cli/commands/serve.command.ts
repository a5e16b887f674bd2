/** `belay serve`: MCP and REST over HTTP. What still moves when the server ends goes to a background host. */
import { InvalidArgumentError } from 'commander';
import type { TokenIssuer } from '../../http/keys/token-verifier.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { programVersion } from '../program-version.ts';
import { Refusal, usage } from '../refusal.ts';

const HOST = '127.0.0.1';
const PORT = 8901;
const PORT_MAX = 65_535;

interface Options {
  readonly host: string;
  readonly port: number;
  readonly allowHost?: readonly string[];
  readonly publicUrl?: string;
  readonly jwtIssuer?: string;
  readonly jwtJwks?: string;
  readonly jwtAudience?: string;
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
    .option(
      '--public-url <url>',
      'its address as browsers know it, through a proxy: where questions are answered',
    )
    .option('--jwt-issuer <url>', 'authorization server whose tokens count besides keys')
    .option('--jwt-jwks <url>', 'where its public keys are')
    .option('--jwt-audience <url>', 'address of /mcp as callers know it, for which tokens are made')
    .action((options: Options) => perform((cli) => serve(cli, options)));
};

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= PORT_MAX) return value;
  throw new InvalidArgumentError(`Expected a number from 0 to ${PORT_MAX}.`);
}

/** All three or none; keys that anybody on the way could exchange are no keys. */
function tokensOf({ jwtIssuer, jwtJwks, jwtAudience }: Options): TokenIssuer | undefined {
  if (jwtIssuer === undefined && jwtJwks === undefined && jwtAudience === undefined) return undefined;
  if (jwtIssuer === undefined || jwtJwks === undefined || jwtAudience === undefined)
    throw usage('`--jwt-issuer`, `--jwt-jwks` and `--jwt-audience` go together', 'give all three');
  const [jwks, audience] = [jwtJwks, jwtAudience].map((text) => URL.parse(text));
  const isLocal = jwks?.hostname === '127.0.0.1' || jwks?.hostname === 'localhost';
  if (!jwks || !(jwks.protocol === 'https:' || (jwks.protocol === 'http:' && isLocal)))
    throw usage(`\`--jwt-jwks\` must be an https address, found \`${jwtJwks}\``);
  if (!audience?.protocol.startsWith('http'))
    throw usage(`\`--jwt-audience\` must be an address, found \`${jwtAudience}\``);
  return { issuer: jwtIssuer, jwks, audience: jwtAudience };
}

/** Without a path: what stands at the proxy under one is not told apart here. */
function publicUrlOf({ publicUrl }: Options): string | undefined {
  if (publicUrl === undefined) return undefined;
  const url = URL.parse(publicUrl);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url && isWeb && url.href === `${url.origin}/`) return url.origin;
  throw usage(`\`--public-url\` must be an address like https://belay.example.com, found \`${publicUrl}\``);
}

async function serve(cli: Cli, options: Options): Promise<number> {
  const tokens = tokensOf(options);
  const publicUrl = publicUrlOf(options);
  const { home } = await cli.belay(true);
  const open = () => cli.open(true);
  const { serveHttp } = await import('../../http/serve-http.ts');
  const { belayPrompts } = await import('../../mcp/belay-prompts.ts');
  const { belayResources } = await import('../../mcp/belay-resources.ts');
  const served = await serveHttp({
    home,
    open,
    tools: await cli.world.tools(),
    resources: belayResources(open),
    prompts: belayPrompts(open),
    version: programVersion(),
    cwd: cli.world.cwd,
    host: options.host,
    port: options.port,
    ...(tokens && { tokens }),
    ...(publicUrl !== undefined && { publicUrl }),
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
