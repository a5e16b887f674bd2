/** A page of all files that changed while a step ran, from the list in the snapshot store. */
import { err, ok, type Result } from '../engine/core/failure.ts';
import { loadRun } from '../engine/host/load-run.ts';
import { firstWithin, LIST_BYTES_MAX } from './answer-budget.ts';
import type { Belay } from './belay.ts';
import type { RunView } from './run-view-schema.ts';
import type { ToolError } from './tool.ts';

const PAGE_MAX = 1_000;
/** Room for the run view beside it. */
const PAGE_BYTES_MAX = LIST_BYTES_MAX / 2;

interface PageWish {
  readonly run_id: string;
  readonly step?: string | undefined;
  readonly offset?: number | undefined;
}

export async function changesOf(
  { journal, snapshots }: Belay,
  { run_id, step, offset = 0 }: PageWish,
): Promise<Result<NonNullable<RunView['changes']>, ToolError>> {
  if (step === undefined) return err(NO_STEP);
  const loaded = loadRun(journal, run_id);
  const list = loaded.ok ? loaded.value.byKey.get(step)?.changes?.list : undefined;
  if (list === undefined) return ok({ step, total: 0, offset, list: [] });
  const page = await snapshots.changes(list, offset, PAGE_MAX);
  if (!page.ok) return err({ ...page.error });
  const { changes, total } = page.value;
  return ok({ step, total, offset, list: [...firstWithin(changes, PAGE_BYTES_MAX)] });
}

const NO_STEP: ToolError = {
  code: 'invalid_input',
  message: 'argument `step` is missing: `include: [changes]` shows the files of one step',
  hint: 'without it each step shows how many files changed, and the first of them',
};
