/**
 * The shell interpolation law: a value never becomes text of a script. Each `{{ }}` becomes a reference to an
 * environment variable that holds the value, in the form that its quoting context needs.
 */

import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { ENV_VALUE_BYTES_MAX } from '../../engine/core/limits.ts';
import { renderText } from './evaluate.ts';
import type { Scope } from './scope.ts';
import { analyseShellScript } from './shell-script.ts';
import type { Quoting } from './shell-word.ts';
import { findSpots } from './template.ts';

/** The script as it may run, and the variables that it needs in its environment. */
export interface ShellCommand {
  readonly script: string;
  readonly env: { [name: string]: string };
}

/**
 * Replaces every `{{ }}` of a script. Strings go as they are, numbers and booleans as JSON text, null as nothing,
 * lists and maps as JSON. Failures: `expression`, `value_too_large`, `nul_byte`; an unsafe spot is an `expression`.
 */
export function shellCommand(script: string, shell: string, scope: Scope): Result<ShellCommand, Failure> {
  if (!script.includes('{{')) return ok({ script, env: {} });
  const foreign = findSpots(script).problems;
  const { spots, problems } = analyseShellScript(script, shell);
  const problem = foreign[0] ?? problems[0];
  if (problem) {
    const hint = problem.hint === undefined ? {} : { hint: problem.hint };
    return err({ code: 'expression', retry: 'final', message: problem.message, ...hint });
  }
  const names = new Map<string, string>();
  const env: { [name: string]: string } = {};
  const prefix = freePrefix(script);
  let text = '';
  let from = 0;
  for (const { source, start, end, quoting } of spots) {
    if (!names.has(source)) {
      const value = envValue(source, scope);
      if (!value.ok) return value;
      names.set(source, `${prefix}${names.size + 1}`);
      env[names.get(source)!] = value.value;
    }
    text += script.slice(from, start) + reference(names.get(source)!, quoting);
    from = end;
  }
  return ok({ script: text + script.slice(from), env });
}

function reference(name: string, quoting: Quoting): string {
  if (quoting === 'double') return `\${${name}}`;
  if (quoting === 'bare') return `"\${${name}}"`;
  return quoting === 'single' ? `'"\${${name}}"'` : `'"\${${name}}"$'`;
}

/** A prefix for the variables that the script's own text cannot mean. */
function freePrefix(script: string): string {
  let prefix = 'BELAY_V';
  while (script.includes(prefix)) prefix += '_';
  return prefix;
}

function envValue(source: string, scope: Scope): Result<string, Failure> {
  const value = renderText(`{{${source}}}`, scope);
  if (!value.ok) return value;
  const shown = `\`{{${source}}}\``;
  if (value.value.includes('\0')) {
    const message = `the value of ${shown} holds a NUL character, which no command can be given`;
    return err({ code: 'nul_byte', retry: 'final', message, hint: 'write it to a file in another step' });
  }
  const bytes = Buffer.byteLength(value.value);
  if (bytes <= ENV_VALUE_BYTES_MAX) return value;
  return err({
    code: 'value_too_large',
    retry: 'final',
    message: `the value of ${shown} has ${bytes} bytes, more than the ${ENV_VALUE_BYTES_MAX} that a command can be given`,
    hint: 'pass the path of a file instead',
  });
}
