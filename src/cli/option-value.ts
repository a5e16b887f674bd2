/** Readers of option values for commander; what they throw is worded by commander with the option's name. */
import { InvalidArgumentError } from 'commander';
import { PRIORITY_MAX } from '../engine/core/limits.ts';

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a whole number.');
}

export function priority(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && Math.abs(value) <= PRIORITY_MAX) return value;
  throw new InvalidArgumentError(`Expected a whole number from -${PRIORITY_MAX} to ${PRIORITY_MAX}.`);
}
