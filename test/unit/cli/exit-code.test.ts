import { expect, test } from 'vitest';
import { exitCodeOfError, exitCodeOfRun } from '../../../src/cli/exit-code.ts';

test.each([
  ['succeeded', 0],
  ['partial', 0],
  ['running', 0],
  ['queued', 0],
  ['failed', 1],
  ['cancelled', 1],
  ['rolled_back', 1],
  ['waiting', 3],
  ['paused', 3],
  ['stuck', 4],
] as const)('a run that is %s gives %d', (status, code) => expect(exitCodeOfRun(status)).toBe(code));

test.each([
  ['usage', 2],
  ['invalid_definition', 2],
  ['newer_version', 2],
  ['human_required', 3],
  ['internal', 70],
])('error %s gives %d', (error, code) => expect(exitCodeOfError(error)).toBe(code));
