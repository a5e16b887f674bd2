import { expect, test } from 'vitest';
import {
  jsonBytes,
  RESOURCE_BYTES_MAX,
  STRUCTURED_BYTES_MAX,
  TEXT_BYTES_MAX,
} from '../../../src/tools/answer-budget.ts';
import { fitView } from '../../../src/tools/fit-view.ts';
import { runText } from '../../../src/tools/run-text.ts';
import { type RunView, runViewSchema } from '../../../src/tools/run-view-schema.ts';

const long = (bytes: number): string => 'x'.repeat(bytes);
const step = (id: string, more: object = {}) => ({
  id,
  type: 'shell',
  status: 'succeeded' as const,
  attempts: 1,
  ...more,
});
const question = (id: string, prompt: string): RunView['questions'][number] => ({
  question_id: id,
  kind: 'input',
  step: id,
  prompt,
  schema: { type: 'object', properties: { answer: { type: 'string' } } },
  digest: '',
  asked_of: 'agent',
  asked_at: '',
  how_to_answer: 'call workflow_answer',
});
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const notes = (count: number) => times(count, (n) => ({ path: `/p/${n}/${long(200)}`, reason: 'socket' }));
const checkpoint = (id: string): RunView['checkpoints'][number] => ({
  id,
  step: id,
  at: '2026-01-01T00:00:00.000Z',
  files: 1,
  bytes: 1,
  why: 'asked',
  omitted: notes(50),
  omitted_count: 50,
});
const changes = (count: number) => ({
  created: count,
  changed: 0,
  deleted: 0,
  shown: times(count, (n) => ({ path: `/p/${n}/${long(200)}`, kind: 'created' as const })),
});
const rollback = (count: number): NonNullable<RunView['rollback']> => ({
  strategy: 'graceful',
  status: 'stuck',
  by: 'me',
  items: { total: count, done: 0, failed: count, left: 0, open: 0 },
  problems: times(count, (order) => ({
    order,
    step: `s${order}`,
    message: long(2_000),
    command: long(5_000),
    instruction: 'mend it',
  })),
  differs: notes(count),
  differs_count: count,
  conflicts: { count, shown: notes(count).map(({ path }) => ({ path, found: 'changed' as const })) },
  left: times(count, (n) => ({ step: `s${n}`, why: long(500) })),
});
const artifact = (name: string) => ({
  name,
  uri: `belay://runs/r-1/artifacts/${name}`,
  size: 1,
  sha256: '0'.repeat(64),
  media_type: 'text/plain',
  path: long(200),
  step: 'build',
  tags: times(20, () => long(64)),
});
const view = (more: Partial<RunView>): RunView => ({
  run_id: 'r-1',
  workflow: 'big',
  version: '1',
  status: 'running',
  created_at: '2026-01-01T00:00:00.000Z',
  duration_ms: 0,
  cwd: '/',
  inputs: {},
  progress: { done: 0, total: 0 },
  steps: [],
  questions: [],
  checkpoints: [],
  outputs: {},
  artifacts: [],
  warnings: [],
  next: [],
  ...more,
});

test.each<[string, Partial<RunView>]>([
  ['outputs of many steps', { steps: times(601, (n) => step(`s${n}`, { outputs: { text: long(48_000) } })) }],
  ['long prompts', { questions: [question('q', long(900_000))] }],
  ['many questions', { questions: times(300, (n) => question(`q${n}`, long(500))) }],
  ['long inputs', { inputs: { a: long(500_000), b: times(50_000, (n) => n) } }],
  ['many inputs', { inputs: Object.fromEntries(times(20_000, (n) => [`input-${n}`, n])) }],
  ['many warnings', { warnings: times(10_000, (n) => `warning ${n}`) }],
  ['long warnings', { warnings: times(20, () => long(10_000)) }],
  ['many logs', { steps: times(500, (n) => step(`s${n}`, { log: long(16_000) })) }],
  ['many checkpoints', { checkpoints: times(2_000, (n) => checkpoint(`c${n}`)) }],
  ['changes of many steps', { steps: times(400, (n) => step(`s${n}`, { changes: changes(50) })) }],
  ['many artifacts', { artifacts: times(10_000, (n) => artifact(`a${n}`)) }],
  ['a long rollback', { rollback: rollback(5_000) }],
  ['long events', { events: times(500, (n) => ({ seq: n, outputs: { text: long(60_000) } })) }],
  ['long run outputs', { outputs: { report: long(400_000) } }],
  [
    'long errors',
    {
      steps: times(300, (n) =>
        step(`s${n}`, {
          status: 'failed',
          error: { code: 'exit', message: long(9_000), hint: long(9_000), data: { all: long(9_000) } },
        }),
      ),
    },
  ],
  [
    'a long plan',
    {
      dry_run: true,
      plan: times(2_000, (n) => ({
        order: n,
        step: `s${n}`,
        type: 'shell',
        does: long(100),
        command: long(2_000),
        touches: 'workspace',
        needs: [],
      })),
    },
  ],
])('%s fit into an answer, and the cut is visible', (_what, more) => {
  const whole = view(more);
  const fitted = fitView(whole, STRUCTURED_BYTES_MAX);
  expect(jsonBytes(fitted)).toBeLessThanOrEqual(STRUCTURED_BYTES_MAX);
  expect(runViewSchema.parse(fitted)).toEqual(fitted);
  expect(JSON.stringify(fitted)).toMatch(/… \d+ bytes|not shown|\d+ more/);
  expect(Buffer.byteLength(runText(whole))).toBeLessThanOrEqual(TEXT_BYTES_MAX);
  expect(jsonBytes(fitView(whole, RESOURCE_BYTES_MAX))).toBeLessThanOrEqual(RESOURCE_BYTES_MAX);
});

test('what fits is left as it is', () => {
  const whole = view({
    steps: [step('a', { outputs: { text: long(20_000) }, log: long(10_000) })],
    outputs: { report: long(20_000) },
    questions: [question('q', long(4_000))],
    warnings: ['careful'],
  });
  expect(fitView(whole, STRUCTURED_BYTES_MAX)).toEqual(whole);
});

test('a cut value says how long it is and how to get it', () => {
  const steps = times(10, (n) => step(`s${n}`, { outputs: { text: long(48_123) } }));
  const [first] = fitView(view({ steps }), STRUCTURED_BYTES_MAX).steps;
  expect(first?.outputs?.text).toMatch(/^x+… 48123 bytes, ask with `step`$/);
});

test('the step that was asked for is shown whole, the values of the run make room', () => {
  const steps = [step('a', { outputs: { text: long(48_123) } })];
  const fitted = fitView(view({ steps, inputs: { text: long(48_123) } }), STRUCTURED_BYTES_MAX, 'a');
  expect(fitted.steps[0]?.outputs?.text).toBe(long(48_123));
  expect(fitted.inputs.text).toMatch(/48123 bytes, whole in belay:\/\/runs\/r-1$/);
});

test('of a large run the failed, running and waiting steps are shown, and then what is in no loop', () => {
  const steps = [
    step('loop', { type: 'foreach', status: 'failed', iterations: { total: 5_000, failed: 1 } }),
    ...times(5_000, (n) => step(`loop[${n}]`)),
    step('after', { status: 'pending' }),
  ];
  steps[4_001] = step('loop[4000]', { status: 'failed' });
  steps[4_501] = step('loop[4500]', { status: 'running' });
  steps[4_601] = step('loop[4600]', { status: 'waiting' });
  const fitted = fitView(view({ steps }), STRUCTURED_BYTES_MAX);
  const ids = fitted.steps.map((each) => each.id);
  expect(ids[0]).toBe('loop');
  expect(ids.slice(-4)).toEqual(['loop[4000]', 'loop[4500]', 'loop[4600]', 'after']);
  expect(fitted.warnings).toEqual([`${steps.length - ids.length} steps are not shown, ask with \`step\``]);
});

test('the text keeps the failure, the end of its log and the next call', () => {
  const log = `${long(20_000)}\nthe reason`;
  const failed = step('b', { status: 'failed', error: { code: 'exit', message: 'exit code 2' }, log });
  const next = [{ tool: 'workflow_resume', arguments: { run_id: 'r-1' }, why: 'go on' }];
  const text = runText(view({ steps: [...times(40, (n) => step(`s${n}`, { log })), failed], next }));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(TEXT_BYTES_MAX);
  expect(text).toMatch(/step b failed: exit code 2\n {2}… the end of \d+ bytes.*\n.*the reason\n/s);
  expect(text).toMatch(/next: workflow_resume .* go on$/);
});
