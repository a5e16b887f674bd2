/** A host to be killed: runs attempts one after the other, several at once; argv: home, runner module, first seq. */
import type { ProcessRunner } from '../../../../../src/engine/core/ports.ts';

const [home = '', module = '', boot = '', count = '0'] = process.argv.slice(2);
const { createProcessRunner } = (await import(module)) as {
  createProcessRunner: (options: object) => ProcessRunner;
};
const clock = { now: Date.now, at: () => () => {} };
const runner = createProcessRunner({ home, clock, hostId: 'victim', bootId: boot });
let next = 0;
function startNext(): void {
  if (next === Number(count)) return;
  next += 1;
  const attempt = { runId: 'r1', seq: next };
  // The journal of this test: from here on the attempt may have started.
  process.stdout.write(`${attempt.seq}\n`);
  const spec = {
    shell: ['bash', '-euo', 'pipefail', '-c'],
    script: 'echo start >>"$LEDGER"; echo said; exit 5',
    env: { PATH: process.env.PATH ?? '', LEDGER: `${home}/ledger.${attempt.seq}` },
    cwd: home,
    separate: [],
    logBytesMax: 1_000_000,
    onLogLimit: 'fail' as const,
    killGraceMs: 1_000,
  };
  runner.start(attempt, spec, startNext);
}
for (let lane = 0; lane < 3; lane += 1) startNext();
