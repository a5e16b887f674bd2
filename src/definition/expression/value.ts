/**
 * Values while an expression is evaluated, and the operators over them.
 * 1. Whole numbers that the expression itself makes (`3`, `size(x)`) are bigint; numbers from data are doubles.
 *    The two mix freely in every operator; a double wins.
 * 2. Lists and maps hold JSON only, so a value that leaves the evaluator needs no deep conversion.
 */
import type { Json } from '../../engine/core/model.ts';

export type Value = Json | bigint;

/** Why an evaluation stopped. `missing`: a name or key was not there, which `default` and `has` forgive. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly missing: boolean;
  readonly hint: string | undefined;
  constructor(message: string, options: { missing?: boolean; hint?: string | undefined } = {}) {
    super(message);
    this.missing = options.missing ?? false;
    this.hint = options.hint;
  }
}

/** The word for a value's type in messages. */
export function typeName(value: Value): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object') return 'map';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

/** A value as JSON; whole numbers beyond 2^53 and numbers that are not finite are refused. */
export function toJson(value: Value): Json {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ExpressionError(`the result is not a finite number`, { hint: 'check for a division by zero' });
  }
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new ExpressionError(`\`${value}\` is beyond 2^53, the largest whole number that JSON keeps exactly`, {
    hint: 'carry it as a string',
  });
}

/** CEL equality: by value, numbers across kinds, never an error for different types. `cost` pays for what is looked at. */
export function equals(a: Value, b: Value, cost: (units: number) => void): boolean {
  if (a === b) return true;
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  cost(1);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => equals(item, b[index], cost));
  }
  const left = a as { readonly [key: string]: Json };
  const right = b as { readonly [key: string]: Json };
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && equals(left[key]!, right[key]!, cost));
}

const isNumber = (value: Value): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

const unsupported = (operator: string, a: Value, b: Value): ExpressionError =>
  new ExpressionError(`\`${operator}\` does not take ${typeName(a)} and ${typeName(b)}`, {
    hint: 'convert one side with string(…), int(…) or double(…)',
  });

/** `<`, `<=`, `>`, `>=` over two numbers, two strings or two booleans. */
export function compare(operator: string, a: Value, b: Value): boolean {
  const comparable =
    (isNumber(a) && isNumber(b)) ||
    (typeof a === typeof b && (typeof a === 'string' || typeof a === 'boolean'));
  if (!comparable) throw unsupported(operator, a, b);
  const [left, right] = [a as number, b as number];
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

/** `+` over numbers, strings and lists. */
export function add(a: Value, b: Value, cost: (units: number) => void): Value {
  if (isNumber(a) && isNumber(b)) return calculate('+', a, b);
  if (typeof a === 'string' && typeof b === 'string') {
    cost((a.length + b.length) >> 4);
    return a + b;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    cost(a.length + b.length);
    return [...a, ...b];
  }
  throw unsupported('+', a, b);
}

/** Arithmetic over numbers: two whole numbers stay whole (`7 / 2` is 3), else doubles (`7.0 / 2` is 3.5). */
export function calculate(operator: string, a: Value, b: Value): number | bigint {
  if (!isNumber(a) || !isNumber(b)) throw unsupported(operator, a, b);
  if ((operator === '/' || operator === '%') && Number(b) === 0) {
    throw new ExpressionError(operator === '/' ? 'division by zero' : 'modulo by zero');
  }
  return typeof a === 'bigint' && typeof b === 'bigint'
    ? inInt64(wholeNumbers(operator, a, b))
    : doubles(operator, Number(a), Number(b));
}

function wholeNumbers(operator: string, a: bigint, b: bigint): bigint {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  return operator === '/' ? a / b : a % b;
}

function doubles(operator: string, a: number, b: number): number {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  return operator === '/' ? a / b : a % b;
}

function inInt64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new ExpressionError('the whole number overflows 64 bits');
}

/** A boolean operand, or an error that says what was found. */
export function truth(value: Value, operator: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new ExpressionError(`\`${operator}\` needs true or false, found ${typeName(value)}`, {
    hint: 'compare it, for example with == or size(…) > 0',
  });
}
