/** `belay mcp` with fake tools, as a program: home and working directory are its arguments. */
import { ok } from '../../../src/engine/core/failure.ts';
import { serveMcpStdio } from '../../../src/mcp/stdio.ts';
import { fakeBelay, fakeTools } from './fake-tools.ts';

const [home = '', cwd = ''] = process.argv.slice(2);

await serveMcpStdio({
  home,
  open: async () => ok(fakeBelay(home)),
  tools: fakeTools(() => process.stderr.write('wait ended\n')),
  version: '0.0.0',
  cwd,
  onClientGone: () => process.stderr.write('client gone\n'),
});
