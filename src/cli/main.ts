/**
 * The entry that `bin/belay.js` imports: this process's arguments in, its exit code out. The process ends by itself,
 * unless code is in it that may keep it: then it is ended when what was written has been read.
 */
import { hasForeignCode } from '../tools/foreign-code.ts';
import { commandLine } from './command-line.ts';
import { processWorld } from './world.ts';

const exitCode = await commandLine(process.argv.slice(2), processWorld());
process.exitCode = exitCode;
if (hasForeignCode()) {
  await Promise.all([process.stdout, process.stderr].map(flushed));
  process.exit(exitCode);
}

/** Also where nobody reads any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
