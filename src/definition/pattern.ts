/**
 * The `pattern` of an input: compiling it and matching it. A pattern comes from the definition's author and a
 * value from anyone, and backtracking can take for ever, so every match runs against a stopwatch: `node:vm` can
 * stop a regular expression, which no check of the pattern's text can promise. It is no sandbox here.
 */
import vm from 'node:vm';

const PATTERN_LENGTH_MAX = 1_000;
/** Processor time for all matches of one definition, or of one run's inputs, together. */
const MATCH_CPU_MS_MAX = 50;
/** Times a match is begun again because a busy machine gave this process no time. */
const MATCH_ROUNDS_MAX = 20;

const matchEach = new vm.Script(
  'for (const one of checks.slice(matched.length)) matched.push(one.pattern.test(one.value))',
);

export interface PatternCheck {
  /** Usable, as `patternProblem` says. */
  readonly pattern: string;
  readonly value: string;
}

/** Why `pattern` cannot be used; undefined when it can. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > PATTERN_LENGTH_MAX) return `is longer than ${PATTERN_LENGTH_MAX} characters`;
  try {
    wholeValue(pattern);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: /, '');
  }
}

/**
 * Whether each whole value matches its pattern, in the same order. The first that was not known in time is `slow`,
 * and those after it are absent.
 */
export function matchPatterns(checks: readonly PatternCheck[]): (boolean | 'slow')[] {
  const matched: (boolean | 'slow')[] = [];
  if (checks.length === 0) return matched;
  const compiled = checks.map(({ pattern, value }) => ({ pattern: wholeValue(pattern), value }));
  const context = vm.createContext({ checks: compiled, matched });
  const from = process.cpuUsage();
  for (let round = 0; matched.length < checks.length; round += 1) {
    const { user, system } = process.cpuUsage(from);
    const leftMs = Math.ceil(MATCH_CPU_MS_MAX - (user + system) / 1_000);
    if (leftMs <= 0 || round >= MATCH_ROUNDS_MAX) {
      matched.push('slow');
      break;
    }
    runFor(context, leftMs);
  }
  return matched;
}

/** The stopwatch of `vm` counts time on the wall; what was matched before it rang is kept. */
function runFor(context: vm.Context, timeout: number): void {
  try {
    matchEach.runInContext(context, { timeout });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
  }
}

/** The pattern is compiled alone first: `a)|(b` would be valid only inside the group. */
function wholeValue(pattern: string): RegExp {
  return new RegExp(`^(?:${new RegExp(pattern, 'u').source})$`, 'u');
}
