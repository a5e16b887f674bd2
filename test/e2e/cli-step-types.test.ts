/** Step types from elsewhere: allowed by a person, loaded, run and undone; anything else is refused by name. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
  scratch.write('greet.mjs', GREET);
  scratch.write('hello.yaml', HELLO);
});
afterEach(() => scratch.end());

/** The worked example of the documentation. */
const GREET = `
export default ({ defineStep, ok, z }) => defineStep({
  type: 'greet',
  summary: 'Say hello',
  schema: z.strictObject({ name: z.string().describe('Whom to greet; may hold {{ }}') }),
  fields: { name: 'template' },
  effects: 'none',
  begin(context) {
    const name = context.renderText(context.step.config.name);
    if (!name.ok) return name;
    return ok({ kind: 'done', outcome: { ok: true, outputs: { text: 'hello ' + name.value } } });
  },
});
`;

const HELLO = `
name: hello
inputs: { who: { default: world } }
outputs: { said: "{{ steps.g.outputs.text }}" }
steps:
  - { id: g, type: greet, name: "{{ inputs.who }}" }
`;

test('without permission the type is not known', async () => {
  const { status, stderr } = await scratch.run('run', 'hello.yaml');
  expect([status, stderr]).toEqual([2, expect.stringContaining('unknown step type `greet`')]);
});

test('allowed it runs, is listed, and can be forbidden again', async () => {
  expect((await scratch.run('step-types', 'allow', './greet.mjs')).stdout).toContain('greet');
  const { answer } = await scratch.json('run', 'hello.yaml');
  expect(answer).toMatchObject({ status: 'succeeded', outputs: { said: 'hello world' } });
  const listed = await scratch.json('step-types');
  expect(listed.answer).toMatchObject({
    step_types: expect.arrayContaining([
      { type: 'greet', summary: 'Say hello', effects: 'none', from: join(scratch.folder, 'greet.mjs') },
    ]),
    problems: [],
  });
  expect((await scratch.run('step-types', 'forbid', join(scratch.folder, 'greet.mjs'))).status).toBe(0);
  const { status, stderr } = await scratch.run('run', 'hello.yaml');
  expect([status, stderr]).toEqual([2, expect.stringContaining('`belay step-types` shows')]);
});

test('a module that holds on to a port keeps no command from its end', async () => {
  scratch.write(
    'greet.mjs',
    `import { createServer } from 'node:net';\ncreateServer().listen(0, '127.0.0.1');${GREET}`,
  );
  const allowed = await scratch.run('step-types', 'allow', './greet.mjs');
  expect(allowed).toMatchObject({ status: 0, stdout: expect.stringMatching(/^allowed .*: greet\n$/) });
  scratch.write('none.yaml', 'name: none\nsteps: [{ id: a, type: gret }]\n');
  const checked = await scratch.json('validate', 'none.yaml');
  expect(checked).toMatchObject({ status: 2, answer: { valid: false } });
});

test('a file that has changed since is not loaded, and the rest of Belay works', async () => {
  await scratch.run('step-types', 'allow', './greet.mjs');
  scratch.write('greet.mjs', `${GREET}// more`);
  expect((await scratch.run('run', 'hello.yaml')).status).toBe(2);
  const listed = await scratch.run('step-types');
  expect([listed.status, listed.stdout]).toEqual([
    1,
    expect.stringContaining(
      `is not the file that was allowed: look at it, then run \`belay step-types allow ${join(scratch.folder, 'greet.mjs')}\``,
    ),
  ]);
});

test.each([
  ['no step type', 'export default 1;', 'expected `defineStep'],
  ['another contract', 'export default { contract: 99, type: {} };', 'contract 99'],
  ['a name that is taken', GREET.replace("'greet'", "'shell'"), '`shell` is there already'],
  [
    'no kinds of fields',
    GREET.replace("fields: { name: 'template' }", 'fields: {}'),
    'does not say the kind of `name`',
  ],
  ['an error of its own', 'throw new Error("no luck");', 'no luck'],
])('a module with %s is not allowed', async (_, text, says) => {
  scratch.write('greet.mjs', text);
  const { status, stderr } = await scratch.run('step-types', 'allow', './greet.mjs');
  expect(status).not.toBe(0);
  expect(stderr).toContain(says);
  expect((await scratch.json('step-types')).answer).toMatchObject({ modules: [] });
});

test('settings that others may write are not read', async () => {
  await scratch.run('step-types', 'allow', './greet.mjs');
  chmodSync(join(scratch.home, 'settings.json'), 0o666);
  expect((await scratch.run('run', 'hello.yaml')).status).toBe(2);
  expect((await scratch.run('step-types')).stdout).toContain('may be written by others');
});
