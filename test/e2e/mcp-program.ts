/** The MCP server with the real catalogue and engine, as a program: home and working directory are its arguments. */
import { belayResources } from '../../src/mcp/belay-resources.ts';
import { serveMcpStdio } from '../../src/mcp/stdio.ts';
import { openBelay } from '../../src/tools/belay.ts';
import { tools } from '../../src/tools/catalogue.ts';

const [home = '', cwd = ''] = process.argv.slice(2);

const opened = openBelay({ home, cwd, drive: true });

await serveMcpStdio({
  home,
  open: async () => opened,
  tools,
  resources: belayResources(async () => opened),
  version: '0.0.0',
  cwd,
  onClientGone: () => opened.ok && opened.value.close(),
});
