/** Logs hold what steps wrote; wherever they are shown, secrets are masked, or nothing is shown. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { attemptPath } from '../../../src/engine/host/process/attempt-files.ts';
import { belayResources } from '../../../src/mcp/belay-resources.ts';
import { type Belay, openBelay } from '../../../src/tools/belay.ts';
import { runReport } from '../../../src/tools/run-report.ts';
import { statusTool } from '../../../src/tools/status.tool.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

const VALUE = 'first line of s3cr3t\nsecond line of s3cr3t';

let scratch: Scratch;
beforeEach(() => {
  process.env.BELAY_TEST_TOKEN = VALUE;
  scratch = scratchBelay();
});
afterEach(() => {
  scratch.close();
  delete process.env.BELAY_TEST_TOKEN;
});

/** Fails, so that its log is shown wherever a failure is. */
const start = async (command: string): Promise<string> => {
  const definition = { name: 'tells', secrets: ['BELAY_TEST_TOKEN'], steps: [{ id: 'a', command }] };
  return viewOf(await scratch.call('workflow_execute', { definition, wait_seconds: 60 })).run_id;
};
const TELLS = 'echo "begin $BELAY_TEST_TOKEN end"; false';

/** Each place where a log is shown, as another process of the same user sees it. */
async function shown(runId: string, tailLines?: number): Promise<readonly (string | undefined)[]> {
  const opened = openBelay({ home: scratch.belay.home, cwd: scratch.folder, drive: false });
  if (!opened.ok) throw new Error(opened.error.message);
  const belay = opened.value;
  try {
    const asked = { run_id: runId, include: ['log'], ...(tailLines && { tail_lines: tailLines }) };
    const context = { ...scratch.context, belay };
    const answer = await statusTool.run(context, statusTool.input.parse(asked) as never);
    const report = await runReport(belay, runId);
    return [
      viewOf(answer).steps[0]?.log,
      answer.kind === 'done' ? answer.text : undefined,
      await resource(belay, `belay://runs/${runId}/steps/a/log`),
      await resource(belay, `belay://runs/${runId}`),
      report.ok ? JSON.stringify(report.value) : undefined,
      await resource(belay, `belay://runs/${runId}/report`),
    ];
  } finally {
    belay.close();
  }
}

async function resource(belay: Belay, uri: string): Promise<string | undefined> {
  return (await belayResources(async () => ok(belay)).read(uri))?.text;
}

test('a secret in a log is masked wherever the log is shown; the file holds it', async () => {
  const runId = await start(TELLS);
  const places = await shown(runId);
  for (const text of places) {
    expect(text).toContain('begin *** end');
    expect(text).not.toContain('s3cr3t');
  }
  const read = scratch.belay.journal.read(runId);
  const started = read.ok ? read.value.find(({ event }) => event.type === 'step.started') : undefined;
  const path = attemptPath(scratch.belay.home, { runId, seq: started?.seq ?? 0 }, 'log');
  expect(readFileSync(path, 'utf8')).toContain(VALUE);
});

test('a tail that begins within a secret shows nothing of it', async () => {
  const [log, text] = await shown(await start(TELLS), 1);
  expect(log).toBe('*** end\n');
  expect(text).not.toContain('s3cr3t');
});

test.each([
  ['is not set', undefined],
  ['has another value', 'other'],
])('where the variable %s the log is not shown, and why is', async (_, value) => {
  const runId = await start(TELLS);
  if (value === undefined) delete process.env.BELAY_TEST_TOKEN;
  else process.env.BELAY_TEST_TOKEN = value;
  for (const text of await shown(runId)) {
    expect(text).toMatch(
      /the log may hold the value of .?`BELAY_TEST_TOKEN.?`.*not set here as when the step ran/,
    );
    expect(text).toContain(`${runId}/`);
    expect(text).not.toContain('s3cr3t');
  }
});

test('a log from before the run went on with another value is not shown with that one', async () => {
  const definition = {
    name: 'two',
    secrets: ['BELAY_TEST_TOKEN'],
    steps: [
      { id: 'a', command: 'echo "begin $BELAY_TEST_TOKEN end"' },
      { id: 'b', command: 'echo "$BELAY_TEST_TOKEN"; test "$BELAY_TEST_TOKEN" = new-value' },
    ],
  };
  const two = viewOf(await scratch.call('workflow_execute', { definition, wait_seconds: 60 })).run_id;
  process.env.BELAY_TEST_TOKEN = 'new-value';
  const opened = openBelay({ home: scratch.belay.home, cwd: scratch.folder, drive: true });
  if (!opened.ok) throw new Error(opened.error.message);
  scratch.belay.close();
  Object.assign(scratch, { belay: opened.value });
  Object.assign(scratch.context, { belay: opened.value });
  await scratch.call('workflow_resume', { run_id: two, wait_seconds: 60 });
  const view = viewOf(await scratch.call('workflow_status', { run_id: two, include: ['log'] }));
  expect(view.status).toBe('succeeded');
  expect(view.steps.map(({ log }) => log)).toEqual([expect.stringContaining('not shown'), '***\n']);
});
