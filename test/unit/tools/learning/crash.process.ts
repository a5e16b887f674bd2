/** Drives one run to its end and dies at that very moment: nothing is learned from it by this process. */

import { openBelay } from '../../../../src/tools/belay.ts';
import { tool } from '../../../../src/tools/catalogue.ts';

const [home = '', cwd = ''] = process.argv.slice(2);
const opened = openBelay({ home, cwd, drive: true });
if (!opened.ok) throw new Error(opened.error.message);
const belay = opened.value;
const execute = tool('workflow_execute');
belay.host?.onCommit((runId) => {
  if (belay.journal.run(runId)?.status === 'succeeded') process.kill(process.pid, 'SIGKILL');
});
await execute?.run(
  {
    belay,
    cwd,
    caller: 'test',
    human: false,
    canAsk: false,
    signal: new AbortController().signal,
    progress: () => {},
  },
  execute.input.parse({ commands: ['true before', 'true the-crash'], wait_seconds: 60 }) as never,
);
