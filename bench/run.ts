/**
 * `npm run bench [name …]`: each measure against a baseline in the same run, as a ratio; medians of several rounds.
 * Run by hand or nightly. No test depends on these figures.
 */
import { cacheHit, cacheRate } from './cache-hit.ts';
import { coldStart } from './cold-start.ts';
import { httpLoad } from './http-load.ts';
import { httpMemory } from './http-memory.ts';
import { httpSubscribers } from './http-subscribers.ts';
import { inlineLinear, inlineRate } from './inline-steps.ts';
import type { Measure } from './measure.ts';
import { foreachShell, parallelShell } from './parallel-shell.ts';
import { sequentialShell } from './sequential-shell.ts';
import { snapshotFirst, snapshotIncremental, snapshotMemory } from './snapshot.ts';
import { snapshotRestore } from './snapshot-restore.ts';
import { sshKept } from './ssh-kept.ts';
import { statusScale } from './status-scale.ts';
import { stdioCrowd } from './stdio-crowd.ts';

const measures: readonly Measure[] = [
  sequentialShell,
  parallelShell,
  foreachShell,
  inlineRate,
  inlineLinear,
  coldStart,
  statusScale,
  cacheHit,
  cacheRate,
  sshKept,
  snapshotFirst,
  snapshotIncremental,
  snapshotMemory,
  snapshotRestore,
  httpLoad,
  httpSubscribers,
  httpMemory,
  stdioCrowd,
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !measures.some((measure) => measure.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown measure ${unknown.join(', ')}; known: ${measures.map(({ name }) => name).join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  for (const measure of measures) {
    if (wanted.length > 0 && !wanted.includes(measure.name)) continue;
    const { ratio, detail } = await measure.run();
    process.stdout.write(
      `${measure.name.padEnd(20)} ${ratio.toFixed(2).padStart(6)}  aim ${measure.aim.padEnd(8)} ${detail}\n`,
    );
  }
}
