/** Starts `belay host` so that it outlives this process and its terminal. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/belay.js', import.meta.url));

const withoutStep = ({ BELAY_ATTEMPT: _step, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv => env;

/** A host that finds nothing to do ends by itself, so one too many costs little. */
export function startBackgroundHost(home: string): void {
  const child = spawn(process.execPath, [BIN, 'host', '--home', home], {
    cwd: home,
    detached: true,
    // it belongs to no step, also when a step has started it: the step's end must not end it
    env: withoutStep(process.env),
    stdio: 'ignore',
  });
  // Without it the runs stay as they are until the next host comes; there is nobody left to tell.
  child.on('error', () => {});
  child.unref();
}
