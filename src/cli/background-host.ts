/** Starts `belay host` so that it outlives this process and its terminal. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/belay.js', import.meta.url));

/** A host that finds nothing to do ends by itself, so one too many costs little. */
export function startBackgroundHost(home: string): void {
  const child = spawn(process.execPath, [BIN, 'host', '--home', home], {
    cwd: home,
    detached: true,
    stdio: 'ignore',
  });
  // Without it the runs stay as they are until the next host comes; there is nobody left to tell.
  child.on('error', () => {});
  child.unref();
}
