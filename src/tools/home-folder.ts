/** Where the data directory is. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** `--home`, `$BELAY_HOME`, or the XDG data folder; absolute. */
export function homeFolder(given?: string): string {
  const named = given ?? process.env.BELAY_HOME;
  if (named !== undefined && named !== '') return resolve(named);
  const data = process.env.XDG_DATA_HOME;
  const base = data !== undefined && isAbsolute(data) ? data : join(homedir(), '.local', 'share');
  return join(base, 'belay');
}

/** What a person allows in the data directory; most have no such file. */
export const settingsPath = (home: string): string => join(home, 'settings.json');
