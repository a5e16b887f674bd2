/**
 * A small StepContext for tests: expressions are looked up by their source text in `values`,
 * `{{ source }}` in templates likewise. Owns no semantics of CEL and no quoting.
 */
import { err, type Failure, ok, type Result } from '../../../src/engine/core/failure.ts';
import type { Json, JsonObject, Step } from '../../../src/engine/core/model.ts';
import type { StepContext } from '../../../src/engine/core/step-type.ts';

export const NOW_MS = Date.parse('2030-01-31T12:00:00Z');

export interface Fake {
  readonly type: string;
  readonly config: JsonObject;
  readonly step?: Partial<Step>;
  readonly cwd?: string;
  /** Expression source to value. */
  readonly values?: { readonly [source: string]: Json };
  readonly environment?: { readonly [name: string]: string };
  /** Programs on the PATH. */
  readonly programs?: readonly string[];
  /** Of a call that an earlier host made. */
  readonly notes?: readonly Json[];
}

export function fakeContext(fake: Fake): StepContext {
  const evaluate = (source: string): Result<Json, Failure> => {
    const value = fake.values?.[source];
    if (value !== undefined) return ok(value);
    return err({ code: 'expression', retry: 'final', message: `\`${source}\` is unknown` });
  };
  const render = (template: Json): Result<Json, Failure> => renderWith(evaluate, template);
  return {
    step: stepOf(fake),
    key: 'subject',
    runId: 'run-1',
    attempt: 1,
    performance: 'run-1-subject-1',
    notes: fake.notes ?? [],
    nowMs: NOW_MS,
    cwd: fake.cwd ?? '/',
    evaluate,
    render,
    renderText(template) {
      const rendered = render(template);
      return rendered.ok && typeof rendered.value !== 'string'
        ? ok(JSON.stringify(rendered.value))
        : (rendered as Result<string, Failure>);
    },
    shell(script) {
      const value = evaluate(/\{\{(.*?)\}\}/.exec(script)?.[1]?.trim() ?? 'none');
      if (!script.includes('{{')) return ok({ script, env: {} });
      if (!value.ok) return value;
      return ok({ script: script.replace(/\{\{.*?\}\}/, '"$V1"'), env: { V1: String(value.value) } });
    },
    environment: () => ok(fake.environment ?? { PATH: '/bin' }),
    which: (program) => ((fake.programs ?? ['bash', 'sh']).includes(program) ? `/bin/${program}` : undefined),
  };
}

function stepOf(fake: Fake): Step {
  return {
    id: 'subject',
    type: fake.type,
    config: fake.config,
    needs: [],
    onFailure: 'stop',
    idempotent: false,
    outputs: {},
    env: {},
    reads: [],
    ...fake.step,
  };
}

function renderWith(
  evaluate: (source: string) => Result<Json, Failure>,
  template: Json,
): Result<Json, Failure> {
  if (typeof template === 'string') return renderString(evaluate, template);
  if (typeof template !== 'object' || template === null) return ok(template);
  const rendered: [string, Json][] = [];
  for (const [name, value] of Object.entries(template)) {
    const result = renderWith(evaluate, value as Json);
    if (!result.ok) return result;
    rendered.push([name, result.value]);
  }
  return ok(Array.isArray(template) ? rendered.map(([, value]) => value) : Object.fromEntries(rendered));
}

function renderString(
  evaluate: (source: string) => Result<Json, Failure>,
  template: string,
): Result<Json, Failure> {
  const whole = /^\{\{([^}]*)\}\}$/.exec(template);
  if (whole?.[1]) return evaluate(whole[1].trim());
  let failure: Failure | undefined;
  const text = template.replace(/\{\{(.*?)\}\}/g, (_, source: string) => {
    const value = evaluate(source.trim());
    if (!value.ok) failure = value.error;
    return value.ok ? String(value.value) : '';
  });
  return failure ? err(failure) : ok(text);
}
