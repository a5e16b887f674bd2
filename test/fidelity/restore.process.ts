/**
 * Restores in a process of its own, which kills itself before act number `killAt` on the file system; prints how many acts
 * there were when it comes to the end. Arguments: folder of the store, request as JSON, `killAt`.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [, , folder = '', request = '', killAt = ''] = process.argv;
const ACTS = [
  'chmodSync',
  'lchownSync',
  'linkSync',
  'lutimesSync',
  'mkdirSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'symlinkSync',
  'unlinkSync',
  'writeFileSync',
] as const;

let acts = 0;
let isArmed = false;
const table = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
for (const name of ACTS) {
  const act = table[name] as (...args: unknown[]) => unknown;
  table[name] = (...args) => {
    if (isArmed && acts++ === Number(killAt)) process.kill(process.pid, 'SIGKILL');
    return act(...args);
  };
}
// Before the product is loaded: its imports of these functions are bound to what stands here now.
syncBuiltinESMExports();

const { restoreFiles } = await import('../../src/checkpoint/restore-files.ts');
const { SnapshotStore } = await import('../../src/checkpoint/snapshot-store.ts');
const store = new SnapshotStore(folder);
isArmed = true;
const restored = await restoreFiles(store, JSON.parse(request));
isArmed = false;
process.stdout.write(JSON.stringify({ acts, restored }));
