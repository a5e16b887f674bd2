/** The MCP server with the real catalogue and engine, as a program: home and working directory are its arguments. */
import { belayResources } from '../../src/mcp/belay-resources.ts';
import { serveMcpStdio } from '../../src/mcp/stdio.ts';
import { openBelay } from '../../src/tools/belay.ts';
import { tools } from '../../src/tools/catalogue.ts';

const [home = '', cwd = ''] = process.argv.slice(2);

const opened = openBelay({ home, cwd, drive: true });
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const belay = opened.value;

await serveMcpStdio({
  belay,
  tools,
  resources: belayResources(belay),
  version: '0.0.0',
  cwd,
  onClientGone: () => belay.close(),
});
