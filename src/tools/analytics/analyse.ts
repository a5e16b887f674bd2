/** One analysis, from the runs to the answer. */
import type { JsonObject } from '../../engine/core/model.ts';
import { masked } from '../../engine/host/mask.ts';
import { stepWarning } from '../../learning/adapt/step-warning.ts';
import { done, unknownWorkflow } from '../answers.ts';
import type { Belay } from '../belay.ts';
import type { ToolResult } from '../tool.ts';
import type { Analytics } from './analytics-schema.ts';
import { analyticsText } from './analytics-text.ts';
import { collectRuns } from './collect-runs.ts';
import { FailureGroups } from './failure-groups.ts';
import { proposals } from './proposals.ts';
import { byWorkflow, days, success, totals } from './run-totals.ts';
import { SaidConditions } from './said-conditions.ts';
import { cacheUse, flakiestSteps, StepHistories, slowestSteps } from './step-histories.ts';
import { isAdHoc, stepOutcomes } from './step-outcomes.ts';

interface Query {
  readonly workflow?: string | undefined;
  readonly sinceMs?: number | undefined;
}

const PATTERNS_MAX = 20;
const STEPS_SHOWN_MAX = 5;
const WARNINGS_MAX = 20;

export async function analyse(belay: Belay, query: Query): Promise<ToolResult> {
  const { workflow, sinceMs } = query;
  const [defined, adHoc] = [new StepHistories(), new StepHistories()];
  const failures = new FailureGroups(belay);
  const said = new SaidConditions(belay);
  const { rows, isCut, read, finished } = await collectRuns(belay, query, (one) => {
    const outcomes = masked(one.run.workflow, stepOutcomes(one.run, one.events, said));
    const gathered = isAdHoc(one.run) ? adHoc : defined;
    gathered.add(one.run.workflow.name, outcomes);
    failures.add(one, outcomes.failures);
  });
  if (workflow !== undefined && rows.length === 0 && !belay.library.find(workflow))
    return unknownWorkflow(belay, workflow);
  const histories = [...defined.all(), ...adHoc.all()];
  const cache = cacheUse(histories);
  const analytics: Analytics = {
    ...(workflow !== undefined && { workflow }),
    ...(sinceMs !== undefined && { since: new Date(sinceMs).toISOString() }),
    rests_on: { runs: rows.length, finished, read, complete: !isCut && read === finished },
    totals: totals(rows),
    ...success(rows),
    days: days(rows),
    workflows: byWorkflow(rows),
    slowest_steps: slowestSteps(histories),
    flakiest_steps: flakiestSteps(histories),
    cache,
    time_saved_ms: cache.saved_ms,
    failure_patterns: patterns(failures),
    warnings: histories
      .flatMap((history) => {
        const warning = stepWarning(history);
        return warning ? [{ workflow: history.workflow, step: history.step, ...warning }] : [];
      })
      .sort((a, b) => b.failed / b.of - a.failed / a.of)
      .slice(0, WARNINGS_MAX),
    // commands without a workflow have no definition to be changed
    proposals: proposals(belay, defined.all()),
  };
  return done(analytics as unknown as JsonObject, analyticsText(analytics));
}

const patterns = (failures: FailureGroups): Analytics['failure_patterns'] =>
  failures
    .all()
    .slice(0, PATTERNS_MAX)
    .map(({ pattern, code, count, runs, steps, lastRun, lastAt }) => ({
      pattern,
      code,
      count,
      runs: runs.size,
      steps: [...steps].slice(0, STEPS_SHOWN_MAX),
      last_run: lastRun,
      last_at: new Date(lastAt).toISOString(),
    }));
