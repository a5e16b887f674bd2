/**
 * Whether a value fits a JSON Schema that a server has sent. The schema, and sometimes the value too, come from outside:
 * a pattern may need for ever, so that each check has a time after which it is broken off.
 */
import vm from 'node:vm';
import type { JsonSchemaType } from '@modelcontextprotocol/client';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { MCP_CHECK_MS_MAX } from '../../engine/core/limits.ts';
import type { Json } from '../../engine/core/model.ts';

/** Every reason why it does not fit; the error says why it cannot be told. */
export function valueProblems(schema: JsonSchemaType, value: Json): Result<readonly string[], string> {
  // made anew each time: schemas of different servers may share their ids
  const validator = new AjvJsonSchemaValidator();
  const found = bounded(() => validator.getValidator(schema)(value));
  if (!found.ok) return found;
  if (found.value.valid) return ok([]);
  return ok(found.value.errorMessage.split(/, (?=data(?:[/ ]))/).map(readable));
}

/** `data/items/0 must be string` becomes `items.0 must be string`. */
const readable = (problem: string): string =>
  problem.replace(/^data(\S*) /, (_, path: string) => {
    const names = path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
    return names === '' ? '' : `\`${names}\` `;
  });

const script = new vm.Script('act()');

/** `vm` is here for its clock, which ends even a regular expression; it keeps nobody out. */
function bounded<T>(act: () => T): Result<T, string> {
  try {
    return ok(script.runInContext(vm.createContext({ act }), { timeout: MCP_CHECK_MS_MAX }) as T);
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    return err(isTooLong ? `the check takes longer than ${MCP_CHECK_MS_MAX} ms` : (error as Error).message);
  }
}
