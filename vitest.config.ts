/** How the tests run: each file in a process of its own, nothing shared, nothing global. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Compiled code of the programs that tests start, kept between them: starting one again costs a third then. */
const COMPILED = join(import.meta.dirname, 'node_modules/.cache/belay-compiled');

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    env: { NODE_COMPILE_CACHE: COMPILED },
    // Half of what most tests do is to wait for processes, so a worker per core keeps a small machine busy.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Bounds for a hung test on a busy machine, not expectations of speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
});
