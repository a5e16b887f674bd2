/**
 * What expressions refer to and what is wrong with them, without evaluating: for diagnostics before a run.
 * Offsets are characters into the text that was given.
 */
import { type CompileProblem, compile, type Reference } from './compile.ts';
import { analyseShellScript } from './shell-script.ts';
import { findSpots, type Spot } from './template.ts';

export type { Reference } from './compile.ts';

export interface Problem {
  readonly code: 'syntax' | 'unknown_function' | 'unsafe_interpolation' | 'limit';
  readonly message: string;
  readonly hint?: string;
  readonly offset: number;
}

export interface Analysis {
  readonly references: Reference[];
  readonly functions: string[];
  readonly problems: Problem[];
}

/** An expression, written bare or in `{{ }}`. */
export function analyseExpression(source: string): Analysis {
  const { references, functions, problems } = compile(source);
  return { references, functions, problems };
}

/** Text with any number of `{{ }}`. */
export function analyseTemplate(text: string): Analysis {
  const { spots, problems } = findSpots(text);
  return collect(spots, problems);
}

/** A script for a shell, by the shell's program name; each `{{ }}` must stand where a value can be passed safely. */
export function analyseShell(script: string, shell: string): Analysis {
  const { spots, problems } = findSpots(script);
  const unsafe: readonly Problem[] = problems.length > 0 ? [] : analyseShellScript(script, shell).problems;
  return collect(spots, [...problems, ...unsafe]);
}

function collect(spots: readonly Spot[], problems: readonly Problem[]): Analysis {
  const compiled = spots.map(({ source, offset }) => ({ ...compile(source), offset }));
  const inner: CompileProblem[] = compiled.flatMap((spot) =>
    spot.problems.map((problem) => ({ ...problem, offset: problem.offset + spot.offset })),
  );
  return {
    references: compiled.flatMap((spot) => spot.references),
    functions: [...new Set(compiled.flatMap((spot) => spot.functions))],
    problems: [...inner, ...problems].sort((a, b) => a.offset - b.offset),
  };
}
