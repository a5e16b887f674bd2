/**
 * A Belay that drives every run of a home to its end, and is killed while it writes a file below a folder of it.
 * Arguments: home, the folder (`artifacts` or `cache`), and which of the writes to its files is the last one.
 */
import { readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { openBelay } from '../../src/tools/belay.ts';

const [home = '', folder = '', last = '1'] = process.argv.slice(2);

/** After the write, when its bytes are in the file and the next ones are not. */
async function dieWhileWriting(): Promise<void> {
  const probe = await open(import.meta.filename, 'r');
  const handle: Pick<FileHandle, 'write'> = Object.getPrototypeOf(probe);
  await probe.close();
  const { write } = handle;
  let writes = 0;
  handle.write = async function (this: FileHandle, ...args: unknown[]) {
    const written = await Reflect.apply(write, this, args);
    if (readlinkSync(`/proc/self/fd/${this.fd}`).startsWith(join(home, folder))) {
      writes += 1;
      if (writes === Number(last)) process.kill(process.pid, 'SIGKILL');
    }
    return written;
  } as FileHandle['write'];
}

await dieWhileWriting();
const opened = openBelay({ home, cwd: home, drive: true });
if (!opened.ok) throw new Error(opened.error.message);
// a run that comes to its end leaves nothing to die for: the test is told by the exit code
const stayAlive = setInterval(() => {
  if (opened.value.journal.runs({ limit: 100 }).runs.some(({ finishedAt }) => finishedAt === undefined))
    return;
  clearInterval(stayAlive);
  opened.value.close();
}, 20);
