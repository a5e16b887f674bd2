/**
 * Calls whose arguments are not simply evaluated first: `has`, `default`, and the list macros
 * `all`, `exists`, `exists_one`, `map` and `filter`, which bind a name to each item (of a map: to each key).
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { type Evaluate, type Run, spend } from './run.ts';
import { ExpressionError, toJson, truth, typeName, type Value } from './value.ts';

/** Where each macro variable in sight is kept in `Run.locals`. */
export type Locals = ReadonlyMap<string, number>;

const listMacros = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** True when a call of this shape is a macro; `exists(path)` and `map` as plain names are not. */
export function isMacro(name: string, argCount: number, isMethod: boolean): boolean {
  if (name === 'has') return argCount === 1 && !isMethod;
  if (name === 'default') return argCount === 2;
  return isMethod && listMacros.has(name) && (argCount === 3 || (name === 'map' && argCount === 4));
}

/** Compiles a call that `isMacro` accepted; a method's receiver is the first argument. */
export function compileMacro(
  name: string,
  args: ASTNode[],
  locals: Locals,
  compileWith: (node: ASTNode, locals: Locals) => Evaluate,
): Evaluate {
  const source = compileWith(args[0]!, locals);
  if (name === 'has') return compileHas(source);
  if (name === 'default') return compileDefault(source, compileWith(args[1]!, locals));
  const slot = 1 + Math.max(-1, ...locals.values());
  const inner = new Map(locals).set(args[1]!.args as string, slot);
  const bodies = args.slice(2).map((body) => compileWith(body, inner));
  const last = bodies.at(-1)!;
  const eachItem = (run: Run, visit: (item: Value) => boolean): void => {
    for (const item of itemsOf(source(run), name)) {
      spend(run, 1);
      run.locals[slot] = item;
      if (!visit(item)) return;
    }
  };
  if (name === 'map') return compileTransform(eachItem, bodies.length === 2 ? bodies[0]! : undefined, last);
  return name === 'filter' ? compileFilter(eachItem, last) : compileQuantifier(name, eachItem, last);
}

type EachItem = (run: Run, visit: (item: Value) => boolean) => void;

/** Evaluates; undefined when a name or key on the way is missing. */
function orMissing(run: Run, evaluate: Evaluate): Value | undefined {
  try {
    return evaluate(run);
  } catch (error) {
    if (error instanceof ExpressionError && error.missing) return undefined;
    throw error;
  }
}

const compileHas =
  (value: Evaluate): Evaluate =>
  (run) =>
    orMissing(run, value) !== undefined;

const compileDefault =
  (value: Evaluate, fallback: Evaluate): Evaluate =>
  (run) =>
    orMissing(run, value) ?? fallback(run);

function compileTransform(
  eachItem: EachItem,
  condition: Evaluate | undefined,
  transform: Evaluate,
): Evaluate {
  return (run) => {
    const results: ReturnType<typeof toJson>[] = [];
    eachItem(run, () => {
      if (!condition || truth(condition(run), 'map')) results.push(toJson(transform(run)));
      return true;
    });
    return results;
  };
}

function compileFilter(eachItem: EachItem, condition: Evaluate): Evaluate {
  return (run) => {
    const results: ReturnType<typeof toJson>[] = [];
    eachItem(run, (item) => {
      if (truth(condition(run), 'filter')) results.push(toJson(item));
      return true;
    });
    return results;
  };
}

function compileQuantifier(name: string, eachItem: EachItem, condition: Evaluate): Evaluate {
  return (run) => {
    let hits = 0;
    let misses = 0;
    eachItem(run, () => {
      if (truth(condition(run), name)) hits += 1;
      else misses += 1;
      return name === 'all' ? misses === 0 : name === 'exists' ? hits === 0 : hits < 2;
    });
    return name === 'all' ? misses === 0 : name === 'exists' ? hits > 0 : hits === 1;
  };
}

function itemsOf(source: Value, macro: string): readonly Value[] {
  if (Array.isArray(source)) return source;
  if (source !== null && typeof source === 'object') return Object.keys(source);
  throw new ExpressionError(`\`${macro}\` needs a list or a map, found ${typeName(source)}`);
}
