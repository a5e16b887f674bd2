/** `npm run conformance`: the whole suite against the fixture server; the last line counts, the exit code tells. */
import { fixtureServer } from './fixture-server.ts';
import { isPassed, runSuite } from './suite.ts';
import { EXCUSES, verdict } from './verdict.ts';

const server = await fixtureServer();
try {
  const results = await runSuite(server.url, console.log);
  for (const result of results)
    console.log(`${isPassed(result) ? 'passed' : 'FAILED'} ${result.revision} ${result.scenario}`);
  for (const { revision, scenario, checks } of results)
    for (const { id, status, errorMessage = 'not offered' } of checks)
      if (status === 'SKIPPED') console.log(`not applicable ${revision} ${scenario} ${id}: ${errorMessage}`);
  const { counts, problems } = verdict(results, EXCUSES);
  for (const problem of problems) console.log(problem);
  for (const { revision, scenario, check, reason } of EXCUSES)
    console.log(`excused ${revision} ${scenario} ${check}: ${reason}`);
  console.log(counts);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  await server.end();
}
