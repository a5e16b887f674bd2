/**
 * Syntax tree to closures. The CEL library parses and bounds the text; evaluation is ours because data here is
 * JSON: doubles mix with whole numbers, a missing key has a name in the message, steps are fetched lazily,
 * and every evaluation has a cost limit, which the library lacks.
 * 1. A closure reads nothing but its `Run`: no host object, no prototype, no global is reachable.
 * 2. Compiling never throws: what is wrong is in `problems`, and such a result must not be run.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { functionNames, functions } from './functions.ts';
import { compileMacro, isMacro, type Locals } from './macros.ts';
import { nearestName } from './nearest-name.ts';
import { isProblem, parseExpression, type SyntaxProblem } from './parse.ts';
import { readIndex, readKey, readName, readStep } from './read.ts';
import { remember } from './remember.ts';
import { type Evaluate, type Run, spend } from './run.ts';
import {
  add,
  calculate,
  compare,
  ExpressionError,
  equals,
  toJson,
  truth,
  typeName,
  type Value,
} from './value.ts';

/** A name that the expression reads: `steps.build.outputs.size` is root `steps`, path `build`, `outputs`, `size`. */
export interface Reference {
  readonly root: string;
  readonly path: string[];
}

export interface CompileProblem extends Omit<SyntaxProblem, 'code'> {
  readonly code: SyntaxProblem['code'] | 'unknown_function';
}

export interface Compiled {
  readonly evaluate: Evaluate;
  readonly references: Reference[];
  readonly functions: string[];
  readonly problems: CompileProblem[];
}

/** What the compiler knows while it walks: where macro variables live, and what it has met. */
interface Compiler {
  readonly locals: Locals;
  readonly references: Reference[];
  readonly functions: Set<string>;
  readonly problems: CompileProblem[];
}

/** Compiles once per source; the most recently used sources are kept. */
export const compile: (source: string) => Compiled = remember(2_000, compileSource);

const never: Evaluate = () => {
  throw new ExpressionError('the expression has problems');
};

function compileSource(source: string): Compiled {
  const tree = parseExpression(source);
  if (isProblem(tree)) return { evaluate: never, references: [], functions: [], problems: [tree] };
  const compiler: Compiler = { locals: new Map(), references: [], functions: new Set(), problems: [] };
  const evaluate = compileNode(tree, compiler);
  const { references, problems } = compiler;
  return { evaluate, references, functions: [...compiler.functions], problems };
}

function compileNode(node: ASTNode, compiler: Compiler): Evaluate {
  switch (node.op) {
    case 'value':
      return compileLiteral(node.args, node, compiler);
    case 'id':
    case '.':
    case '[]':
      return compileAccess(node, compiler);
    case 'call':
      return compileCall(node.args[0], node.args[1], node, compiler);
    case 'rcall':
      return compileCall(node.args[0], [node.args[1], ...node.args[2]], node, compiler);
    case 'list': {
      const items = node.args.map((item) => compileNode(item, compiler));
      return (run) => items.map((item) => toJson(item(run)));
    }
    case 'map':
      return compileMap(node.args, compiler);
    default:
      return compileOperator(node, compiler);
  }
}

function compileLiteral(literal: unknown, node: ASTNode, compiler: Compiler): Evaluate {
  if (literal !== null && typeof literal === 'object') {
    const hint = 'write the number or the text without the prefix or suffix';
    compiler.problems.push({
      code: 'syntax',
      message: 'byte strings and unsigned numbers are not supported',
      hint,
      offset: node.start,
    });
    return never;
  }
  const value = literal as Value;
  return () => value;
}

function compileMap(entries: [ASTNode, ASTNode][], compiler: Compiler): Evaluate {
  const compiled = entries.map(
    (pair) => pair.map((side) => compileNode(side, compiler)) as [Evaluate, Evaluate],
  );
  return (run) => {
    const pairs = compiled.map(([key, value]) => [mapKey(key(run)), toJson(value(run))] as const);
    return Object.fromEntries(pairs);
  };
}

function mapKey(key: Value): string {
  if (typeof key === 'string' && key !== '__proto__') return key;
  throw new ExpressionError(`a map key is a string, found ${typeName(key)} \`${String(key)}\``);
}

/** `a.b['c'][i]`: one read per level; the fixed part of the path is recorded as a reference. */
function compileAccess(node: ASTNode, compiler: Compiler): Evaluate {
  const path: string[] = [];
  let isFixed = true;
  const walk = (at: ASTNode): Evaluate => {
    if (at.op === 'id') return compileRoot(at.args, path, compiler);
    if (at.op !== '.' && at.op !== '[]') return compileNode(at, compiler);
    const [left, right] = at.args;
    const key = typeof right === 'string' ? right : right.op === 'value' ? right.args : undefined;
    const isStep = left.op === 'id' && left.args === 'steps' && !compiler.locals.has('steps');
    const source = isStep ? undefined : walk(left);
    if (isStep) compiler.references.push({ root: 'steps', path });
    const text = at.input.slice(at.start, at.end);
    if (typeof key === 'string') {
      if (isFixed) path.push(key);
      return source ? (run) => readKey(source(run), key, text) : (run) => readStep(run, key);
    }
    isFixed = false;
    const index = compileNode(right as ASTNode, compiler);
    return source
      ? (run) => readIndex(source(run), index(run), text)
      : (run) => readStep(run, mapKey(index(run)));
  };
  return walk(node);
}

function compileRoot(name: string, path: string[], compiler: Compiler): Evaluate {
  const slot = compiler.locals.get(name);
  if (slot !== undefined) return (run) => run.locals[slot]!;
  compiler.references.push({ root: name, path });
  return (run) => readName(run, name);
}

function compileCall(name: string, args: ASTNode[], node: ASTNode, compiler: Compiler): Evaluate {
  compiler.functions.add(name);
  if (isMacro(name, args.length, node.op === 'rcall')) {
    return compileMacro(name, args, compiler.locals, (body, locals) =>
      compileNode(body, { ...compiler, locals }),
    );
  }
  const known = functions[name];
  const compiled = args.map((arg) => compileNode(arg, compiler));
  if (!known || !Object.hasOwn(functions, name)) {
    const nearest = nearestName(name, functionNames);
    compiler.problems.push({
      code: 'unknown_function',
      message: `there is no function \`${name}\``,
      hint: nearest ? `did you mean ${nearest}?` : `known functions: ${functionNames.join(', ')}`,
      offset: node.start,
    });
    return never;
  }
  const [least, most] = known.arity;
  if (args.length < least || args.length > most) {
    const expected = least === most ? `${least}` : `${least} to ${most}`;
    compiler.problems.push({
      code: 'syntax',
      message: `\`${name}\` takes ${expected} arguments, found ${args.length}`,
      offset: node.start,
    });
    return never;
  }
  return (run) => {
    spend(run, 1);
    return known.call(
      compiled.map((arg) => arg(run)),
      run,
    );
  };
}

function compileOperator(node: ASTNode, compiler: Compiler): Evaluate {
  const operands = (Array.isArray(node.args) ? node.args : [node.args]) as ASTNode[];
  const [a, b, c] = operands.map((operand) => compileNode(operand, compiler)) as [
    Evaluate,
    Evaluate,
    Evaluate,
  ];
  const operator = node.op;
  switch (operator) {
    case '?:':
      return (run) => (truth(a(run), '?:') ? b(run) : c(run));
    case '&&':
    case '||':
      return shortCircuit(operator, a, b);
    case '!_':
      return (run) => !truth(a(run), '!');
    case '-_':
      return (run) => calculate('*', a(run), -1n);
    case '==':
      return (run) => equals(a(run), b(run), (units) => spend(run, units));
    case '!=':
      return (run) => !equals(a(run), b(run), (units) => spend(run, units));
    case 'in':
      return (run) => isMember(a(run), b(run), run);
    case '+':
      return (run) => add(a(run), b(run), (units) => spend(run, units));
    case '-':
    case '*':
    case '/':
    case '%':
      return (run) => calculate(operator, a(run), b(run));
    default:
      return (run) => compare(operator, a(run), b(run));
  }
}

/** CEL's logic: a side that decides the answer wins, even over an error on the other side. */
function shortCircuit(operator: '&&' | '||', a: Evaluate, b: Evaluate): Evaluate {
  const decides = operator === '||';
  return (run) => {
    let failure: ExpressionError;
    try {
      return truth(a(run), operator) === decides ? decides : truth(b(run), operator);
    } catch (error) {
      if (!(error instanceof ExpressionError) || run.costLeft < 0) throw error;
      failure = error;
    }
    if (truth(b(run), operator) === decides) return decides;
    throw failure;
  };
}

function isMember(item: Value, container: Value, run: Run): boolean {
  if (Array.isArray(container)) {
    spend(run, container.length);
    return container.some((member) => equals(item, member, (units) => spend(run, units)));
  }
  if (container !== null && typeof container === 'object') return Object.hasOwn(container, String(item));
  throw new ExpressionError(`\`in\` needs a list or a map on its right, found ${typeName(container)}`, {
    hint: typeof container === 'string' ? 'for text write text.contains(part)' : undefined,
  });
}
