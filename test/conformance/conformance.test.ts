/** The official conformance suite, as `npm run conformance` runs it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FixtureServer, fixtureServer } from './fixture-server.ts';
import { REVISIONS, runSuite, type ScenarioResult } from './suite.ts';
import { EXCUSES, verdict } from './verdict.ts';

let server: FixtureServer;
beforeAll(async () => {
  server = await fixtureServer();
});
afterAll(() => server.end());

it('finds nothing wrong in either revision of the protocol', { timeout: 600_000 }, async () => {
  const results = await runSuite(server.url, console.log);
  const { counts, problems } = verdict(results, EXCUSES);
  console.log(counts);
  expect(problems).toEqual([]);
  for (const revision of REVISIONS)
    expect(results.filter((result) => result.revision === revision).length).toBeGreaterThan(30);
});

it('counts what is wrong, and what is excused without need', () => {
  const result = (id: string, status: 'SUCCESS' | 'FAILURE' | 'WARNING'): ScenarioResult => ({
    revision: '2026-07-28',
    scenario: 'one',
    checks: [{ id, status, errorMessage: 'words' }],
    repeats: 0,
  });
  const excuse = { revision: '2026-07-28', scenario: 'one', check: 'a', reason: 'why' };
  expect(verdict([result('a', 'FAILURE'), result('b', 'WARNING')], [excuse])).toEqual({
    counts:
      'conformance: 0 of 2 scenarios passed, 0 checks right, 1 wrong, 1 warnings, 1 excused, 0 not applicable, 0 run again',
    problems: ['2026-07-28 one b: warning: words'],
  });
  expect(verdict([result('a', 'SUCCESS')], [excuse]).problems).toEqual([
    '2026-07-28 one a: is excused, and nothing is wrong',
  ]);
});
