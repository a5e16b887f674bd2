/** What the suite found against what is expected of it: counts, surprises, and expectations that have had their day. */
import { isPassed, type ScenarioResult } from './suite.ts';

/** A check that does not succeed although the server is right; the reason shows why. */
export interface Excuse {
  readonly revision: string;
  readonly scenario: string;
  readonly check: string;
  readonly reason: string;
}

export const EXCUSES: readonly Excuse[] = [];

export interface Verdict {
  /** One line of counts. */
  readonly counts: string;
  /** A line for each check that is neither right nor excused, and for each excuse that nothing needs. */
  readonly problems: readonly string[];
}

export function verdict(results: readonly ScenarioResult[], excuses: readonly Excuse[]): Verdict {
  const used = new Set<Excuse>();
  const problems: string[] = [];
  for (const { revision, scenario, checks } of results) {
    for (const { id, status, errorMessage = '' } of checks) {
      if (status !== 'FAILURE' && status !== 'WARNING') continue;
      const excuse = excuses.find(
        (each) => each.revision === revision && each.scenario === scenario && each.check === id,
      );
      if (excuse) used.add(excuse);
      else problems.push(`${revision} ${scenario} ${id}: ${status.toLowerCase()}: ${errorMessage}`);
    }
  }
  const idle = excuses.filter((each) => !used.has(each));
  for (const { revision, scenario, check } of idle)
    problems.push(`${revision} ${scenario} ${check}: is excused, and nothing is wrong`);
  return { counts: countsOf(results, used.size), problems };
}

function countsOf(results: readonly ScenarioResult[], excused: number): string {
  const all = results.flatMap(({ checks }) => checks.map(({ status }) => status));
  const count = (status: string) => all.filter((each) => each === status).length;
  const passed = results.filter(isPassed).length;
  const repeated = results.filter(({ repeats }) => repeats > 0).length;
  return [
    `conformance: ${passed} of ${results.length} scenarios passed`,
    `${count('SUCCESS')} checks right`,
    `${count('FAILURE')} wrong`,
    `${count('WARNING')} warnings`,
    `${excused} excused`,
    `${count('SKIPPED')} not applicable`,
    `${repeated} run again`,
  ].join(', ');
}
