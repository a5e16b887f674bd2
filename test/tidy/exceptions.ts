/**
 * Breaches that are allowed, each with its reason. The list may only shrink:
 * an entry that is no longer needed fails the tidy test.
 */

export interface Exception {
  readonly path: string;
  /** Start of the finding's text. */
  readonly says: string;
  readonly reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [];
