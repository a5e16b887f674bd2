/** The shell interpolation law against real shells: what a process receives is byte for byte the value. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scope } from '../../../../src/definition/expression/scope.ts';
import { shellCommand } from '../../../../src/definition/expression/shell-command.ts';
import type { Json } from '../../../../src/engine/core/model.ts';

const scopeOf = (inputs: { [name: string]: Json }): Scope => ({
  names: { inputs },
  step: () => undefined,
  cwd: '/',
  nowMs: 0,
});

interface Form {
  readonly script: string;
  /** The arguments that the script should print, each followed by NUL. */
  readonly prints: (v: string, w: string) => string[];
}

const PRINT = "printf '%s\\0'";
const V = '{{ inputs.v }}';
const W = '{{ inputs.w }}';

const portable: Form[] = [
  { script: `${PRINT} ${V}`, prints: (v) => [v] },
  { script: `${PRINT} "${V}"`, prints: (v) => [v] },
  { script: `${PRINT} '${V}'`, prints: (v) => [v] },
  { script: `${PRINT} 'a${V}b' "c${W}d"`, prints: (v, w) => [`a${v}b`, `c${w}d`] },
  { script: `${PRINT} pre${V}post${W} --opt=${V}`, prints: (v, w) => [`pre${v}post${w}`, `--opt=${v}`] },
  { script: `${PRINT} ${V}${W}.${V}`, prints: (v, w) => [`${v}${w}.${v}`] },
  { script: `${PRINT} "$(printf '%sx' ${V})"`, prints: (v) => [`${v}x`] },
  { script: `${PRINT} "a $(printf '%sx' "$(printf '%sy' "${V}")") b"`, prints: (v) => [`a ${v}yx b`] },
  { script: `X=${V}; ${PRINT} "$X"`, prints: (v) => [v] },
  { script: `export X=${V} Y='${W}'; ${PRINT} "$X" "$Y"`, prints: (v, w) => [v, w] },
  { script: `f() { ${PRINT} "$@"; }\nf ${V} "${W}"`, prints: (v, w) => [v, w] },
  { script: `case ${V} in ${V}) ${PRINT} yes ;; *) ${PRINT} no ;; esac`, prints: () => ['yes'] },
  { script: `x=$(case a in (b|c) ;; a) printf '%sx' ${V} ;; esac); ${PRINT} "$x"`, prints: (v) => [`${v}x`] },
  { script: `( ${PRINT} ${V} ); { ${PRINT} ${W}; }`, prints: (v, w) => [v, w] },
  { script: `for x in ${V} ${W}; do ${PRINT} "$x"; done`, prints: (v, w) => [v, w] },
  { script: `while :; do ${PRINT} ${V}; break; done`, prints: (v) => [v] },
  {
    script: `if [ ${V} = ${W} ]; then ${PRINT} same; else ${PRINT} other; fi`,
    prints: (v, w) => [v === w ? 'same' : 'other'],
  },
  { script: `sh -c 'printf "%s\\0" "$1"' _ ${V}`, prints: (v) => [v] },
  { script: `cat >/dev/null <<EOF\nit's "open\nEOF\n${PRINT} ${V} # it's a comment`, prints: (v) => [v] },
  {
    script: `cat <<A >/dev/null && cat <<-'B' >/dev/null\n'"\nA\n\t$(\n\tB\n${PRINT} "${V}"`,
    prints: (v) => [v],
  },
  { script: `${PRINT} "it's ${V} \\"q\\" \\\\" '"' ${W}`, prints: (v, w) => [`it's ${v} "q" \\`, '"', w] },
  { script: `${PRINT} ${V} | cat; ${PRINT} ${W} >&2 2>/dev/null || true`, prints: (v) => [v] },
  { script: `# don't stop\n${PRINT} \\\n  ${V} \\\n  ${W}`, prints: (v, w) => [v, w] },
  { script: `set -- ${V} ${W}; ${PRINT} "$@" "\${1#"$1"}"`, prints: (v, w) => [v, w, ''] },
  { script: `exec env X=${V} sh -c 'printf "%s\\0" "$X"'`, prints: (v) => [v] },
];

const bashOnly: Form[] = [
  { script: `${PRINT} $'tab\\t${V}\\'${W}'`, prints: (v, w) => [`tab\t${v}'${w}`] },
  { script: `cat <<< ${V}; printf '\\0'`, prints: (v) => [`${v}\n`] },
  { script: `a=(${V} "${W}" 'x${V}'); ${PRINT} "\${a[@]}"`, prints: (v, w) => [v, w, `x${v}`] },
  { script: `cat <(${PRINT} ${V}) <(${PRINT} "${W}")`, prints: (v, w) => [v, w] },
  { script: `[[ ${V} == ${V} && ! ${V} == x${W}${V}y ]] && ${PRINT} yes`, prints: () => ['yes'] },
  { script: `[[ x${V} =~ ^x(${V})$ ]] && ${PRINT} yes`, prints: () => ['yes'] },
  { script: `function g { local y=${V}; ${PRINT} "$y"; }; g`, prints: (v) => [v] },
  { script: `(( 1 + (2 << 1) )); ${PRINT} ${V} $(( 3 * (1 + 1) ))`, prints: (v) => [v, '6'] },
];

/** Runs many scripts in one shell, each in a subshell of its own, and returns what each printed. */
function runAll(
  program: readonly string[],
  cases: readonly { script: string; env: { [name: string]: string } }[],
): string[][] {
  const env: { [name: string]: string } = { PATH: process.env.PATH ?? '/usr/bin:/bin' };
  const driver = cases.map((item, index) => {
    env[`SCRIPT_${index}`] = item.script;
    const exports = Object.entries(item.env).map(([name, value]) => {
      env[`VALUE_${index}_${name}`] = value;
      return `export ${name}="$VALUE_${index}_${name}"; unset VALUE_${index}_${name};`;
    });
    return `( ${exports.join(' ')} eval "$SCRIPT_${index}" ) || printf 'FAILED %s\\0' $?; printf 'END\\0'`;
  });
  const [file, ...args] = program as [string, ...string[]];
  const output = execFileSync(file, [...args, driver.join('\n')], {
    env,
    encoding: 'buffer',
    maxBuffer: 64e6,
    // No socket as stdin: bash would take itself for a remote login and read start-up files.
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const results: string[][] = [[]];
  for (const part of output.toString('utf8').split('\0').slice(0, -1)) {
    if (part === 'END') results.push([]);
    else results.at(-1)!.push(part);
  }
  return results.slice(0, -1);
}

const nasty = [
  '',
  ' ',
  '\n',
  'a\n\nb\n',
  "'",
  '"',
  "'\"'\"'",
  '$(touch /tmp/x)',
  '`id`',
  '${HOME}',
  '$HOME',
  '$((1/0))',
  '*',
  '/*',
  '~',
  '-n',
  '--help',
  '-',
  '\\',
  '\\\\\n',
  '!!',
  '; echo PWNED',
  '| cat',
  '&',
  '> /tmp/x',
  '{{ inputs.w }}',
  '{a,b}',
  'a[$(id)]',
  '%s%n',
  '\t\r\u0007\u001b[0m',
  'é世界🎉',
  '(',
  ')',
  '!',
  ']',
  '#x',
  'EOF',
  "$'\\n'",
  'x=1',
];
const value = fc.oneof(
  fc.constantFrom(...nasty),
  fc.array(fc.constantFrom(...nasty), { maxLength: 5 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\0', '').toWellFormed()),
);

function checkForms(program: readonly string[], shell: string, forms: readonly Form[]): void {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 3, maxLength: 6 }), (pairs) => {
      const cases = pairs.flatMap(([v, w]) =>
        forms.map((form) => {
          const command = shellCommand(form.script, shell, scopeOf({ v, w }));
          if (!command.ok) throw new Error(`${form.script}: ${command.error.message}`);
          return { ...command.value, expected: form.prints(v, w) };
        }),
      );
      expect(runAll(program, cases)).toEqual(cases.map((item) => item.expected));
    }),
    { numRuns: 6 },
  );
}

describe('what the process receives is byte for byte the value', () => {
  test('bash -euo pipefail', () => {
    checkForms(['bash', '-euo', 'pipefail', '-c'], 'bash', [...portable, ...bashOnly]);
  });

  test('sh -eu', () => {
    checkForms(['sh', '-eu', '-c'], 'sh', portable);
  });
});

describe('shellCommand', () => {
  const scope = scopeOf({
    v: 'x',
    n: 3,
    yes: true,
    none: null,
    list: [1, 'a'],
    map: { a: 1 },
    nul: 'a\0b',
    big: 'é'.repeat(61_441),
  });
  const envOf = (script: string): unknown => {
    const command = shellCommand(script, 'bash', scope);
    return command.ok ? Object.values(command.value.env) : command.error.code;
  };

  test('gives strings as they are and everything else as JSON', () => {
    expect(
      envOf(
        'a {{ inputs.v }} {{ inputs.n }} {{ inputs.yes }} {{ inputs.none }} {{ inputs.list }} {{ inputs.map }}',
      ),
    ).toEqual(['x', '3', 'true', '', '[1,"a"]', '{"a":1}']);
  });

  test('refuses what an environment variable cannot hold', () => {
    expect(envOf('a {{ inputs.nul }}')).toBe('nul_byte');
    expect(envOf('a {{ inputs.big }}')).toBe('value_too_large');
  });

  test('uses names that the script does not mean', () => {
    const command = shellCommand(
      'echo {{ inputs.v }} {{ inputs.v }} {{ inputs.n }} "$BELAY_V1"',
      'bash',
      scope,
    );
    expect(command).toEqual({
      ok: true,
      value: {
        script: 'echo "${BELAY_V_1}" "${BELAY_V_1}" "${BELAY_V_2}" "$BELAY_V1"',
        env: { BELAY_V_1: 'x', BELAY_V_2: '3' },
      },
    });
  });

  test('leaves a script without values alone, whatever is in it', () => {
    expect(shellCommand('cat <<EOF\n`', 'fish', scope)).toEqual({
      ok: true,
      value: { script: 'cat <<EOF\n`', env: {} },
    });
  });

  test('writes literal braces, so that templates of other tools pass through', () => {
    const command = shellCommand("docker ps --format '{{ '{{.Names}}' }}'", 'bash', scope);
    expect(command.ok && command.value.env).toEqual({ BELAY_V1: '{{.Names}}' });
  });

  test.each([
    "docker ps --format '{{.Names}}'",
    'echo ${{ github.sha }}',
    'echo {{ inputs.v',
    'echo {{a,b},{c,d}}',
  ])('refuses the text of another tool: %s', (script) => {
    expect(envOf(script)).toBe('expression');
  });
});
