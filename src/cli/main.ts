/** The entry that `bin/belay.js` imports: this process's arguments in, its exit code out. */
import { commandLine } from './command-line.ts';
import { processWorld } from './world.ts';

process.exitCode = await commandLine(process.argv.slice(2), processWorld());
