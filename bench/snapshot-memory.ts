/**
 * Takes two snapshots of a tree and prints the most memory this process ever had, with the time of each, as JSON.
 * Run as a program by the measure of that name. Arguments: the tree, the folder of the store.
 */
import { openSnapshots } from '../src/checkpoint/open-snapshots.ts';
import { timed } from './measure.ts';

const [tree, folder] = process.argv.slice(2) as [string, string];
const snapshots = openSnapshots(folder);

async function take(): Promise<void> {
  const taken = await snapshots.take({
    runId: 'bench',
    scope: { roots: [tree], exclude: [], base: tree },
    budget: { bytes: 5e9, files: 1_000_000, ms: 600_000 },
    captures: [],
  });
  if (!taken.ok) throw new Error(taken.error.message);
}

const firstMs = await timed(take);
const againMs = await timed(take);
await snapshots.close();
// In kilobytes on every platform.
const bytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ bytes, firstMs, againMs }));
