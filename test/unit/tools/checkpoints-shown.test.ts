import { afterEach, beforeEach, expect, test } from 'vitest';
import { viewOf } from '../../fixtures/view-of.ts';
import { breaking, errorOf, RollbackWorld } from './rollback-world.ts';

let world: RollbackWorld;
beforeEach(() => {
  world = new RollbackWorld();
});
afterEach(() => world.close());

const status = (args: object) => world.scratch.call('workflow_status', args);

test('each step shows what it changed and how it would be taken back', async () => {
  const view = await world.run(breaking);
  expect(view.checkpoints).toMatchObject([
    { id: 'automatic', step: 'look', why: 'automatic', files: 4 },
    { id: 'whole', step: 'break', why: 'asked' },
  ]);
  expect(view.steps.find(({ id }) => id === 'break')).toMatchObject({
    undo: 'checkpoint',
    changes: {
      created: 1,
      changed: 1,
      deleted: 1,
      shown: expect.arrayContaining([{ path: `${world.folder}/created.txt`, kind: 'created' }]),
    },
  });
});

test('all changes of a step are listed page by page', async () => {
  const command = 'for n in 1 2 3 4 5; do echo $n > file-$n; done';
  const { run_id } = await world.run({ name: 'many', steps: [{ id: 'write', command }] });
  const page = async (offset: number) =>
    viewOf(await status({ run_id, step: 'write', include: ['changes'], offset })).changes;
  expect(await page(0)).toMatchObject({ step: 'write', total: 5, offset: 0 });
  expect((await page(3))?.list.map(({ path }) => path)).toEqual([
    `${world.folder}/file-4`,
    `${world.folder}/file-5`,
  ]);
  expect(errorOf(await status({ run_id, include: ['changes'] })).message).toContain('`step`');
});

test('what a checkpoint does not hold is counted, and listed when asked for', async () => {
  const { run_id } = await world.run({
    name: 'pipes',
    steps: [
      { id: 'make', command: 'mkfifo pipe' },
      { id: 'after', checkpoint: { name: 'with-pipe' }, command: 'true' },
    ],
  });
  const short = viewOf(await status({ run_id })).checkpoints.find(({ id }) => id === 'with-pipe');
  expect(short?.omitted_count).toBe(1);
  expect(short?.omitted).toBeUndefined();
  const whole = viewOf(await status({ run_id, include: ['checkpoints'] })).checkpoints;
  expect(whole.find(({ id }) => id === 'with-pipe')?.omitted).toMatchObject([
    { path: `${world.folder}/pipe` },
  ]);
});

test('what cannot be taken back is warned of', async () => {
  const view = await world.run({
    name: 'lasting',
    checkpoints: false,
    steps: [
      { id: 'mail', command: 'true', effects: 'remote', irreversible: 'it is sent' },
      { id: 'each', foreach: [1, 2], command: 'true' },
      { id: 'down', command: 'true', undo: 'true' },
    ],
  });
  expect(view.warnings).toEqual([
    'step `mail` cannot be taken back: it is sent',
    'step `each` has neither `undo` nor a checkpoint before it: it cannot be taken back',
  ]);
});

test('a dry run shows which checkpoint stands before a step, and its undo', async () => {
  const definition = {
    name: 'planned',
    inputs: { name: { default: 'x' } },
    steps: [
      { id: 'set', type: 'set', values: { n: 1 } },
      { id: 'up', command: 'touch {{ inputs.name }}', undo: 'rm -f {{ inputs.name }}' },
      { id: 'first', command: 'true' },
      { id: 'second', command: 'true', checkpoint: { name: 'mine' } },
      { id: 'mail', command: 'true', effects: 'remote', irreversible: 'it is sent' },
    ],
  };
  const view = await world.run(definition, { dry_run: true });
  expect(view.plan?.map(({ step, checkpoint, undo }) => [step, checkpoint, undo])).toEqual([
    ['set', undefined, undefined],
    ['up', undefined, 'steps'],
    ['first', 'automatic', 'checkpoint'],
    ['second', 'mine', 'checkpoint'],
    ['mail', undefined, 'irreversible'],
  ]);
  expect(view.plan?.[1]?.undo_command).toContain('rm -f');
  expect(view.plan?.[4]?.irreversible).toBe('it is sent');
});
