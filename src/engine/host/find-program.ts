/** Where a program is on a PATH. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

const found = new Map<string, string | undefined>();

/** The file that a program name stands for on a PATH; looked up once per name and PATH. */
export function findProgram(program: string, path: string, cwd: string): string | undefined {
  if (program.includes('/'))
    return isExecutable(join(isAbsolute(program) ? '/' : cwd, program)) ? program : undefined;
  const key = `${program}\0${path}`;
  if (!found.has(key)) {
    const folder = path.split(delimiter).find((each) => each !== '' && isExecutable(join(each, program)));
    found.set(key, folder === undefined ? undefined : join(folder, program));
  }
  return found.get(key);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
