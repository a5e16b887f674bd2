/** The report of a run: everything it did, from its journal, as a document for programs and as a page for people. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Report, reportJsonSchema, reportSchema } from '../../../src/tools/report-schema.ts';
import { reportText } from '../../../src/tools/report-text.ts';
import { runReport } from '../../../src/tools/run-report.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => {
  vi.unstubAllEnvs();
  scratch.close();
});

const run = async (definition: object, more: object = {}) =>
  viewOf(await scratch.call('workflow_execute', { definition, wait_seconds: 60, ...more }));

/** Checked by the schema that is published. */
async function reportOf(runId: string): Promise<Report> {
  const made = await runReport(scratch.belay, runId);
  if (!made.ok) throw new Error(made.error.message);
  return reportSchema.parse(made.value);
}

const whole = {
  name: 'whole',
  version: '2',
  inputs: { who: { default: 'ann' } },
  outputs: { said: '{{ steps.ask.outputs.note }}' },
  steps: [
    {
      id: 'write',
      checkpoint: true,
      command: 'echo {{ inputs.who }} > out.txt',
      outputs: { out: './out.txt' },
    },
    { id: 'never', when: 'false', command: 'true' },
    { id: 'ask', type: 'input', message: 'a | note?', fields: { note: { type: 'string' } } },
    { id: 'soft', on_failure: 'continue', command: 'echo "why it failed"; exit 4' },
  ],
};

async function answered(): Promise<string> {
  const { run_id, questions } = await run(whole, { intent: 'to see a report' });
  const [question] = questions;
  if (!question) throw new Error('nothing was asked');
  const answer = { run_id, question_id: question.question_id, answer: { note: 'fine' } };
  await scratch.call('workflow_answer', answer, true);
  await scratch.until(run_id, ({ status }) => status === 'partial');
  return run_id;
}

test('tells all of a run that has finished', async () => {
  writeFileSync(join(scratch.folder, 'out.txt'), 'before');
  const report = await reportOf(await answered());
  expect(report).toMatchObject({
    report: 1,
    workflow: 'whole',
    version: '2',
    status: 'partial',
    final: true,
    intent: 'to see a report',
    created_by: 'bench',
    cwd: scratch.folder,
    progress: { done: 4, total: 4 },
    inputs: { who: 'ann' },
    outputs: { said: 'fine' },
    artifacts: [{ name: 'out', size: 4, step: 'write' }],
    steps: [
      { id: 'write', status: 'succeeded', exit_code: 0 },
      { id: 'never', status: 'skipped', reason: '`when` is false: false' },
      { id: 'ask', status: 'succeeded' },
      { id: 'soft', status: 'soft_failed', exit_code: 4, log: 'why it failed\n' },
    ],
    changes: { created: 0, changed: 1, deleted: 0, steps: [{ step: 'write', changed: 1 }] },
    questions: [
      { step: 'ask', status: 'answered', answer: { note: 'fine' }, answered_by: 'bench', via: 'tool' },
    ],
    checkpoints: [{ step: 'write', why: 'asked' }],
    acts: [{ did: 'created', by: 'bench' }],
  });
  expect(report.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(report.finished_at).toBeDefined();
});

test('reads as a page', async () => {
  const text = reportText(await reportOf(await answered()));
  expect(text).toMatch(/^# whole 2: partial\n\n- Run: `r-/);
  for (const line of [
    '- Steps: 4 of 4 done',
    '- `who`: `ann`',
    '| `soft` | shell | soft_failed | 1 |',
    '### The end of the log of `soft`\n\n```text\nwhy it failed\n```',
    '## Artifacts',
    '- `write`: 1 created, 0 changed, 0 deleted\n  - created `',
    'a \\| note? | `ask` | answered | `{"note":"fine"}` | `bench` (tool) |',
  ])
    expect(text).toContain(line);
});

test('says of a run under way that it has not finished', async () => {
  const { run_id } = await run(whole);
  const report = await reportOf(run_id);
  expect(report).toMatchObject({ status: 'waiting', final: false, questions: [{ status: 'open' }] });
  expect(report).not.toHaveProperty('finished_at');
  expect(reportText(report)).toContain('> The run has not finished: this is how far it was at ');
});

test('tells of a rollback, and of who asked for it', async () => {
  const { run_id } = await run({
    name: 'back',
    steps: [{ id: 'a', command: 'echo x > x', undo: 'rm x' }],
  });
  await scratch.call('workflow_rollback', { run_id, strategy: 'graceful', wait_seconds: 60 }, true);
  const report = await reportOf(run_id);
  expect(report).toMatchObject({
    status: 'rolled_back',
    rollback: { strategy: 'graceful', status: 'done', items: { done: 1, total: 1 } },
    acts: [{ did: 'created' }, { did: 'asked_to_roll_back', by: 'bench', about: 'graceful' }],
  });
  expect(reportText(report)).toContain('## Rollback\n\n- graceful, asked for by `bench`: **done**');
});

test('masks what the variables hold that the workflow asks for', async () => {
  vi.stubEnv('REPORT_TOKEN', 'hunter2-hunter2');
  const { run_id } = await run(
    {
      name: 'secretive',
      inputs: { given: { required: true } },
      prerequisites: [{ env: 'REPORT_TOKEN' }],
      steps: [{ id: 'a', command: 'echo {{ inputs.given }} {{ env.REPORT_TOKEN }}; exit 1' }],
    },
    { inputs: { given: 'hunter2-hunter2' } },
  );
  const report = await reportOf(run_id);
  expect(report.inputs).toEqual({ given: '***' });
  expect(JSON.stringify(report) + reportText(report)).not.toContain('hunter2');
});

test('what a run says cannot become markup of the page', async () => {
  const evil = '</td>\n# heading\n| a | b |\n```\n[x](y)';
  const { run_id } = await run({
    name: 'evil',
    inputs: { text: { default: evil } },
    steps: [{ id: 'a', command: 'printf "%s" {{ inputs.text }} >&2; exit 1' }],
  });
  const lines = reportText(await reportOf(run_id)).split('\n');
  let inBlock: string | undefined;
  const outside = lines.filter((line) => {
    const fence = /^\s*(`{3,})/.exec(line)?.[1];
    if (inBlock === undefined && fence) inBlock = fence;
    else if (fence !== undefined && fence === inBlock) inBlock = undefined;
    else return inBlock === undefined;
    return false;
  });
  expect(inBlock).toBeUndefined();
  expect(outside.filter((line) => line.startsWith('# '))).toEqual([expect.stringMatching(/^# evil 1/)]);
  expect(outside.join('\n')).not.toContain('</td>');
});

test('of a run that is not known there is none', async () => {
  expect(await runReport(scratch.belay, 'r-none')).toMatchObject({
    ok: false,
    error: { code: 'unknown_run' },
  });
});

test('the published schema names every part', () => {
  const schema = reportJsonSchema() as { readonly properties?: object; readonly required?: string[] };
  expect(Object.keys(schema.properties ?? {})).toEqual(Object.keys(reportSchema.shape));
  expect(schema.required).toContain('acts');
});
