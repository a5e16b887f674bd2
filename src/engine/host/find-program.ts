/** Where a program is on a PATH. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

const found = new Map<string, string>();

/** The file that a program name stands for on a PATH. Only what is there is remembered: programs come and go. */
export function findProgram(program: string, path: string, cwd: string): string | undefined {
  if (program.includes('/'))
    return isExecutable(join(isAbsolute(program) ? '/' : cwd, program)) ? program : undefined;
  const key = `${program}\0${path}`;
  const known = found.get(key);
  if (known !== undefined && isExecutable(known)) return known;
  const folder = path.split(delimiter).find((each) => each !== '' && isExecutable(join(each, program)));
  if (folder === undefined) return undefined;
  const file = join(folder, program);
  found.set(key, file);
  return file;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
