/** What a step type may ask of the run it belongs to, as the `StepContext` of the contract. */
import { basename } from 'node:path';
import { evaluate, render, renderText } from '../../definition/expression/evaluate.ts';
import { shellCommand } from '../../definition/expression/shell-command.ts';
import { err, ok } from '../core/failure.ts';
import type { Json } from '../core/model.ts';
import type { StepState } from '../core/state.ts';
import type { StepContext } from '../core/step-type.ts';
import { findProgram } from './find-program.ts';
import type { ScopeSource } from './step-scope.ts';
import { environmentProblem, runEnvironment, scopeAt } from './step-scope.ts';
import { stepTraceParent, TRACEPARENT } from './trace-context.ts';

export function stepContext(source: ScopeSource, step: StepState, attempt: number): StepContext {
  const scope = scopeAt(source, step);
  const { key, isCutOff, performedFrom = attempt, notes = [] } = step;
  const isAnew = attempt > step.attempt && !isCutOff;
  const { run } = source;
  return {
    step: step.step,
    key,
    runId: run.runId,
    attempt,
    // no id that an author writes has a dot
    performance: `${run.runId}-${key.replaceAll(/[^\w-]/g, '.')}-${isAnew ? attempt : performedFrom}`,
    notes: isAnew ? [] : notes,
    nowMs: source.nowMs,
    cwd: run.cwd,
    evaluate: (expression) => evaluate(expression, scope),
    render: (template) => render(template, scope),
    renderText: (template) => renderText(template, scope),
    shell: (script) => shellCommand(script, shellName(step.step.config.shell), scope),
    environment() {
      const problem = environmentProblem(source, step);
      if (problem) return err(problem);
      const env: { [name: string]: string } = { ...runEnvironment(source, step) };
      const traceParent = stepTraceParent(run, key, process.env);
      if (traceParent !== undefined) env[TRACEPARENT] = traceParent;
      for (const [name, template] of Object.entries(step.step.env)) {
        const value = renderText(template, scope);
        if (!value.ok) return value;
        env[name] = value.value;
      }
      return ok(env);
    },
    which: (program) => findProgram(program, runEnvironment(source, step).PATH ?? '', run.cwd),
  };
}

/** The program whose quoting rules hold for a script: the one the step names, else bash (sh reads the same). */
function shellName(shell: Json | undefined): string {
  const program = Array.isArray(shell) ? shell[0] : shell;
  return typeof program === 'string' ? basename(program) : 'bash';
}
