/** A failure for the tests of the core: only its code and whether it is tried again matter to them. */
import type { Failure } from '../../../../src/engine/core/failure.ts';

export const failure = (code: string, retry: Failure['retry'] = 'again'): Failure => ({
  code,
  retry,
  message: `it ${code}`,
});
