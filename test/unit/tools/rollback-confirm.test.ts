import { afterEach, beforeEach, expect, test } from 'vitest';
import { rollbackTool } from '../../../src/tools/rollback.tool.ts';
import type { FormResponse, ToolAnswer, ToolContext } from '../../../src/tools/tool.ts';
import { AFTER, BEFORE, breaking, errorOf, RollbackWorld, rollbackOf } from './rollback-world.ts';

let world: RollbackWorld;
beforeEach(() => {
  world = new RollbackWorld();
});
afterEach(() => world.close());

const ASKING: Partial<ToolContext> = { canAsk: true };
const YES: FormResponse = { action: 'accept', content: { confirm: true } };

function asked(answer: ToolAnswer) {
  if (answer.kind !== 'ask') throw new Error(JSON.stringify(answer));
  return answer;
}

/** As a face goes on after the form. */
function reply(answer: ToolAnswer, args: { run_id: string }, response: FormResponse): Promise<ToolAnswer> {
  const context = { ...world.scratch.context, canAsk: true, human: response.action !== 'cancel' };
  const given = rollbackTool.input.parse({ strategy: 'graceful', wait_seconds: 60, ...args });
  return rollbackTool.resume!(context, given, asked(answer).state, { confirm: response });
}

test('a person is shown the plan where the client can, and their yes starts it', async () => {
  const { run_id } = await world.run(breaking);
  const answer = await world.rollback({ run_id, strategy: 'graceful' }, ASKING);
  expect(asked(answer).asks).toMatchObject([{ id: 'confirm', schema: { required: ['confirm'] } }]);
  expect(asked(answer).asks[0]?.message).toContain('change changed.txt');
  expect(world.files()).toEqual(AFTER);
  const view = rollbackOf(await reply(answer, { run_id }, YES));
  expect(view.status).toBe('rolled_back');
  expect(world.files()).toEqual(BEFORE);
});

test.each<[string, FormResponse]>([
  ['decline', { action: 'decline' }],
  ['cancel', { action: 'cancel' }],
  ['no', { action: 'accept', content: { confirm: false } }],
])('%s changes nothing', async (_what, response) => {
  const { run_id } = await world.run(breaking);
  const answer = await world.rollback({ run_id, strategy: 'graceful' }, ASKING);
  expect(errorOf(await reply(answer, { run_id }, response)).code).toBe('declined');
  expect(world.files()).toEqual(AFTER);
});

test('a plan that has changed since is shown again', async () => {
  const steps = [...breaking.steps, { id: 'more', command: 'echo more > more.txt' }];
  const { run_id } = await world.run({ ...breaking, steps });
  const answer = await world.rollback({ run_id, strategy: 'graceful' }, ASKING);
  await world.scratch.call('workflow_resume', { run_id, inputs: { code: 0 }, wait_seconds: 60 });
  const second = asked(await reply(answer, { run_id }, YES));
  expect(second.state).not.toEqual(asked(answer).state);
  expect(world.files()).toEqual(AFTER);
});

test.each([
  ['what changes nothing', { name: 'calm', steps: [{ id: 'a', type: 'set', values: { n: 1 } }] }, {}],
  ['a manual rollback', breaking, { strategy: 'manual' }],
  ['a workflow that needs nobody', { ...breaking, rollback: { confirm: 'never' } }, {}],
])('%s is not asked about', async (_what, definition, args) => {
  const { run_id } = await world.run(definition);
  const answer = await world.rollback({ run_id, strategy: 'graceful', ...args }, ASKING);
  expect(answer.kind).toBe('done');
});

test('an agent cannot do without the word of a person by saying so', async () => {
  const { run_id } = await world.run(breaking);
  const given = { run_id, strategy: 'graceful', confirm: 'never' };
  expect((await world.rollback(given, ASKING)).kind).toBe('ask');
});

test('an agent may ask for more than the workflow says, not for less: `never` after a no asks again', async () => {
  const { run_id } = await world.run(breaking);
  const answer = await world.rollback({ run_id, strategy: 'graceful' }, ASKING);
  expect(errorOf(await reply(answer, { run_id }, { action: 'decline' })).code).toBe('declined');
  const again = await world.rollback({ run_id, strategy: 'graceful', confirm: 'never' }, ASKING);
  expect(asked(again).asks).toHaveLength(1);
  const stricter = await world.rollback({ run_id, strategy: 'graceful', confirm: 'always' });
  expect(errorOf(stricter).code).toBe('confirmation_needed');
  expect(world.files()).toEqual(AFTER);
});

test('a dry run and a person on a terminal are not asked either', async () => {
  const { run_id } = await world.run(breaking);
  const given = { run_id, strategy: 'graceful' };
  expect((await world.rollback({ ...given, dry_run: true }, ASKING)).kind).toBe('done');
  expect((await world.rollback(given, { ...ASKING, human: true })).kind).toBe('done');
});

test('`always` is refused where nobody can be asked, and no call talks it away', async () => {
  const { run_id } = await world.run({ ...breaking, rollback: { confirm: 'always' } });
  for (const confirm of ['never', undefined]) {
    const error = errorOf(await world.rollback({ run_id, strategy: 'graceful', confirm }));
    expect(error).toMatchObject({
      code: 'confirmation_needed',
      hint: expect.stringContaining('belay rollback'),
    });
    expect(error.data?.plan).toHaveLength(5);
  }
  expect(world.files()).toEqual(AFTER);
});
