/** JUnit XML test reports. The test cases are counted themselves: totals in attributes differ from tool to tool. */
import type { JsonObject } from '../../engine/core/model.ts';
import { ExpressionError } from './value.ts';
import { xmlTags } from './xml.ts';

/** `{tests, failures, errors, skipped, passed, time}`; `time` is the cases' seconds together. */
export function parseJunit(text: string, shown: string): JsonObject {
  const counts = { failure: 0, error: 0, skipped: 0 };
  let [tests, seconds, caseDepth] = [0, 0, 0];
  let outcome: keyof typeof counts | undefined;
  for (const { name, depth, attributes } of xmlTags(text, shown)) {
    if (depth === 1 && name !== 'testsuites' && name !== 'testsuite') {
      throw new ExpressionError(
        `\`${shown}\` is no JUnit report: expected <testsuites>, found <${name.slice(0, 40)}>`,
      );
    }
    if (name === 'testcase') {
      tests += 1;
      seconds += Number(attributes.get('time')) || 0;
      [caseDepth, outcome] = [depth, undefined];
    } else if (depth === caseDepth + 1 && Object.hasOwn(counts, name) && outcome === undefined) {
      outcome = name as keyof typeof counts;
      counts[outcome] += 1;
    }
  }
  const { failure: failures, error: errors, skipped } = counts;
  const passed = tests - failures - errors - skipped;
  return { tests, failures, errors, skipped, passed, time: Math.round(seconds * 1_000) / 1_000 };
}
