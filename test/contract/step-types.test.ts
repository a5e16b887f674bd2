/**
 * One battery over every step type: what the engine and the loader rely on, whatever the type does; and what whoever
 * uses it relies on, in whole runs. A new type needs a sample for each of the two, or the first test fails.
 */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { JsonObject } from '../../src/engine/core/model.ts';
import type { Action } from '../../src/engine/core/step-type.ts';
import { stepTypes } from '../../src/steps/catalogue.ts';
import { fakeCall } from '../unit/steps/fake-call.ts';
import { fakeContext } from '../unit/steps/fake-context.ts';
import { hasSshd } from '../unit/steps/ssh/start-sshd.ts';
import { filesIn, isAtRest, processesIn, type StepWorld, stepWorld, until } from './step-types.fixture.ts';
import { SAMPLES, type Sample, sampleOf } from './step-types.samples.ts';

const CONFIGS: { readonly [type: string]: JsonObject } = {
  shell: { command: 'echo {{ a }}' },
  http: { url: 'http://127.0.0.1:1/{{ a }}', json: { a: '{{ a }}' } },
  mcp: { server: { command: 'sh', args: ['{{ a }}'] }, tool: 't', arguments: { a: '{{ a }}' } },
  notify: { message: 'done: {{ a }}', webhook: { url: 'http://127.0.0.1:1/{{ a }}' } },
  ssh: { host: 'h{{ a }}', user: 'u', command: 'echo {{ a }}' },
  agent: {
    prompt: 'look at {{ a }}',
    providers: [{ provider: 'openai', base_url: 'http://127.0.0.1:1/v1', model: 'm' }, 'caller'],
    schema: { type: 'object', properties: { b: { type: 'string' } } },
  },
  claude_code: { prompt: 'look at {{ a }}', inputs: ['*'], security_profile: 'standard', max_turns: 3 },
  assert: { condition: 'a' },
  set: { values: { b: '{{ a }}' } },
  wait: { for: '1s' },
  approval: { message: 'go, {{ a }}?', expires: '1h' },
  checkpoint: { name: 'before', paths: ['app'], capture: 'dump', restore: 'load', timeout: '10s' },
  workflow: { workflow: 'other', inputs: { b: '{{ a }}' }, cwd: 'app' },
  input: { message: 'what?', fields: { c: { type: 'string' } }, expires: '1h' },
};

test('every type has a sample', () => {
  const types = stepTypes.map(({ type }) => type).sort();
  expect(Object.keys(CONFIGS).sort()).toEqual(types);
  expect(Object.keys(SAMPLES).sort()).toEqual(types);
});

describe.each(stepTypes.map((type) => [type.type, type] as const))('%s', (name, type) => {
  const config = CONFIGS[name] as JsonObject;
  const programs = ['bash', 'sh', 'claude'];
  const known = fakeContext({ type: name, config, cwd: tmpdir(), values: { a: true }, programs });
  const begin = (): Action => {
    const begun = type.begin(known);
    if (!begun.ok) throw new Error(begun.error.message);
    return begun.value;
  };

  test('knows the kind of each of its fields, and of no other', () => {
    const kinds = Object.keys(type.fields).filter((field) => !field.includes('.'));
    expect(kinds.sort()).toEqual(Object.keys(type.schema.shape).sort());
  });

  test('refuses unknown fields and changes nothing that it accepts', () => {
    expect(type.schema.safeParse({ ...config, unheard_of: 1 }).success).toBe(false);
    expect(type.schema.parse(config)).toEqual(config);
  });

  test('has a JSON Schema for editors with every field described', () => {
    const { properties } = z.toJSONSchema(type.schema, { io: 'input' });
    for (const property of Object.values(properties ?? {})) expect(property).toHaveProperty('description');
  });

  test('begins twice with the same action, made of data', () => {
    const action = begin();
    expect(begin()).toEqual(action);
    expect(JSON.parse(JSON.stringify(action))).toEqual(action);
  });

  test('can go on after the action it asks for', () => {
    const { kind } = begin();
    // the config of an agent says whether it calls or asks
    const isAsking = kind === 'ask' || name === 'agent' || name === 'claude_code';
    expect(typeof type.exited).toBe(kind === 'process' ? 'function' : 'undefined');
    expect(typeof type.perform).toBe(kind === 'call' ? 'function' : 'undefined');
    expect(typeof type.answered).toBe(isAsking ? 'function' : 'undefined');
    expect(typeof type.expired).toBe(isAsking ? 'function' : 'undefined');
  });

  test.runIf(type.perform)('ends a call when it is told to', async () => {
    const { call } = begin() as Extract<Action, { readonly kind: 'call' }>;
    await expect(type.perform?.(call, fakeCall({ signal: AbortSignal.abort() }))).rejects.toThrow();
  });

  test('plans without acting, also when values are not there yet', () => {
    const unknown = fakeContext({ type: name, config, cwd: '/nowhere' });
    expect(type.plan?.(known).does).toMatch(/\S/);
    expect(type.plan?.(unknown).does).toMatch(/\S/);
  });
});

let world: StepWorld;
beforeAll(async () => {
  world = await stepWorld();
});
afterAll(() => world.close());

/** The step as a run has it, alone unless said. */
const definitionOf = (step: JsonObject, more: JsonObject = {}): JsonObject => ({
  name: 'battery',
  steps: [{ id: 'it', ...step }],
  ...more,
});

describe.each(stepTypes.map((type) => [type.type, type] as const))('a run with %s', (name, type) => {
  const isMissing = name === 'ssh' && !hasSshd;
  const law = test.skipIf(isMissing);

  interface Scene {
    readonly cwd: string;
    readonly sample: Sample;
    readonly typed: (fields: JsonObject) => JsonObject;
    /** What undos have written so far. */
    readonly noted: () => readonly string[];
    /** Of a step: writes `it`, unless its type knows by itself what takes it back. */
    readonly undo: JsonObject;
  }

  function scene(): Scene {
    const cwd = world.folder();
    const notes = `${cwd}.notes`;
    return {
      cwd,
      sample: sampleOf(name, world, notes),
      typed: (fields) => ({ type: name, ...fields }),
      noted: () => (existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : []),
      undo: type.undoesItself ? {} : { undo: `echo it >> ${notes}; rm -f made` },
    };
  }

  /** What undos write of this step, and of the one before it. */
  const TAKEN_BACK = [type.undoesItself ? 'inner' : 'it', 'before'];

  const before = (cwd: string): JsonObject => ({
    id: 'before',
    command: 'touch before',
    undo: `echo before >> ${cwd}.notes; rm -f before`,
  });

  /** Nothing works in the directory, nobody is connected, nothing is asked, and no file has been left. */
  async function expectNothingLeft(cwd: string, runId: string): Promise<void> {
    await until(() => processesIn(cwd).length === 0 && world.waiting() === 0);
    await until(() => !world.ssh || processesIn(world.ssh.home).length === 0);
    expect(filesIn(cwd)).toEqual([]);
    const { questions, steps } = await world.scratch.until(runId, () => true);
    expect(questions).toEqual([]);
    const inner = steps.flatMap(({ run_id }) => run_id ?? []);
    expect(inner.map((id) => world.scratch.belay.journal.run(id)?.status)).toEqual(
      inner.map(() => expect.stringMatching(/^(cancelled|failed|rolled_back)$/)),
    );
  }

  law('does its work again when it is asked to', async () => {
    const { cwd, sample, typed } = scene();
    const steps = [
      { id: 'it', ...typed(sample.works) },
      {
        id: 'gate',
        command: '[ "$(ls -A | grep -c second)" = 1 ] || { touch second; exit 1; }',
        checkpoint: false,
      },
    ];
    const runId = await world.start(cwd, { name: 'battery', steps });
    const first = await world.end(runId, sample.answer?.works);
    expect(first, first.reason).toMatchObject({
      status: 'failed',
      steps: expect.arrayContaining([expect.objectContaining({ id: 'it', status: 'succeeded' })]),
    });
    await world.scratch.call('workflow_resume', { run_id: runId, from_step: 'it', wait_seconds: 0 });
    const second = await world.end(runId, sample.answer?.works);
    expect(second, second.reason).toMatchObject({ status: 'succeeded' });
    expect(outputsIn(second)).toEqual(outputsIn(first));
  });

  law('unwinds when it fails', async () => {
    const { cwd, sample, typed, noted, undo } = scene();
    const failing = { id: 'it', ...typed(sample.fails), on_failure: 'rollback', ...undo };
    const runId = await world.start(cwd, { name: 'battery', steps: [before(cwd), failing] });
    const view = await world.end(runId, sample.answer?.fails);
    expect(view, view.reason).toMatchObject({ status: 'rolled_back' });
    expect(noted()).toEqual(sample.worksBefore ? ['before'] : TAKEN_BACK);
    await expectNothingLeft(cwd, runId);
  });

  law('is taken back once, however often that is asked', async () => {
    const { cwd, sample, typed, noted, undo } = scene();
    const steps = [before(cwd), { id: 'it', ...typed(sample.works), ...undo }];
    const runId = await world.start(cwd, { name: 'battery', steps });
    await world.end(runId, sample.answer?.works);
    for (const _ of [1, 2]) {
      await world.scratch.call('workflow_rollback', { run_id: runId, strategy: 'immediate' });
      const view = await world.end(runId, sample.answer?.works);
      expect(view, view.reason).toMatchObject({ status: 'rolled_back' });
      expect(noted()).toEqual(TAKEN_BACK);
      await expectNothingLeft(cwd, runId);
    }
  });

  law('may be an undo, and be performed twice as one', async () => {
    const { cwd, sample, typed } = scene();
    const undo = [{ id: 'it', ...typed(sample.works), repeat: { max: 2 } }];
    const steps = [{ id: 'carrier', command: 'true', undo }];
    const definition = { name: 'battery', steps };
    if (sample.noUndo) {
      const refused = await world.scratch.call('workflow_validate', { definition });
      expect(JSON.stringify(refused)).toContain(`"code":"${sample.noUndo}"`);
      return;
    }
    const runId = await world.start(cwd, definition);
    await world.end(runId, undefined);
    await world.scratch.call('workflow_rollback', { run_id: runId, strategy: 'immediate' });
    const view = await world.end(runId, sample.answer?.works);
    expect(view, view.reason).toMatchObject({ status: 'rolled_back' });
  });

  law('touches nothing in a dry run', async () => {
    const { cwd, sample, typed } = scene();
    const touches = world.touches();
    const count = () => world.scratch.belay.journal.runs({ limit: 10_000 }).runs.length;
    const runs = count();
    for (const fields of [sample.works, sample.fails, sample.hangs ?? sample.works]) {
      const definition = JSON.stringify(definitionOf(typed(fields)));
      const answer = await world.scratch.call('workflow_execute', { definition, cwd, dry_run: true });
      expect(answer).toMatchObject({ kind: 'done', structured: { dry_run: true } });
    }
    expect([world.touches(), count(), filesIn(cwd), processesIn(cwd)]).toEqual([touches, runs, [], []]);
  });

  law('leaves nothing behind when it is cancelled', async () => {
    const { cwd, sample, typed } = scene();
    if (!sample.hangs) return expect(begun(sample.works)).toBe('done');
    const runId = await world.start(cwd, definitionOf(typed(sample.hangs), { checkpoints: false }));
    await world.scratch.until(runId, ({ status }) => status === 'running' || status === 'waiting');
    await until(() => sample.hasBegun?.(cwd) ?? true);
    await world.scratch.call('workflow_cancel', { run_id: runId });
    const view = await world.scratch.until(runId, isAtRest);
    const left = sample.worksBefore ? 'pending' : 'cancelled';
    expect(view, view.reason).toMatchObject({ status: 'cancelled', steps: [{ status: left }] });
    await expectNothingLeft(cwd, runId);
  });

  law('leaves nothing behind when its time is over', async () => {
    const { cwd, sample, typed } = scene();
    if (!sample.hangs) return expect(begun(sample.works)).toBe('done');
    const step = typed({ ...sample.hangs, timeout: '400ms', on_failure: 'stop' });
    const runId = await world.start(cwd, definitionOf(step, { checkpoints: false }));
    const view = await world.scratch.until(runId, isAtRest);
    expect(view, view.reason).toMatchObject({ status: 'failed' });
    expect(sample.late ?? ['timeout']).toContain(view.steps[0]?.error?.code);
    await expectNothingLeft(cwd, runId);
  });

  function begun(config: JsonObject): string {
    const action = type.begin(fakeContext({ type: name, config, values: {} }));
    return action.ok ? action.value.kind : action.error.code;
  }

  /** What the step hands on, without what is different each time. */
  function outputsIn(view: {
    readonly steps: readonly { id: string; outputs?: JsonObject | undefined }[];
  }): JsonObject {
    const changing = new Set(scene().sample.changing);
    const { outputs = {} } = view.steps.find(({ id }) => id === 'it') ?? {};
    return Object.fromEntries(Object.entries(outputs).filter(([key]) => !changing.has(key)));
  }
});
