/** Workflows for the tests of the core, written short; and random ones. */
import fc from 'fast-check';
import type { FailurePolicy, Step, Workflow } from '../../../../src/engine/core/model.ts';

/** A step with everything filled in; `needs` is empty unless given. */
export function step(id: string, fields: Partial<Step> = {}): Step {
  return {
    id,
    type: fields.body ? 'block' : 'process',
    config: {},
    needs: [],
    onFailure: 'stop',
    idempotent: false,
    outputs: {},
    env: {},
    reads: [],
    ...fields,
  };
}

/** Each step needs the one before it. */
export const chain = (steps: readonly Step[]): readonly Step[] =>
  steps.map((one, index) => ({ ...one, needs: index === 0 ? [] : [steps[index - 1]!.id] }));

export const group = (id: string, body: readonly Step[], fields: Partial<Step> = {}): Step =>
  step(id, { ...fields, body });

export const foreach = (count: number, maxParallel: number): Pick<Step, 'foreach'> => ({
  foreach: {
    items: Array.from({ length: count }, (_, index) => index),
    as: 'item',
    maxParallel,
    whenPerItem: false,
  },
});

export const repeat = (max: number, until?: string): Pick<Step, 'repeat'> => ({
  repeat: { max, delayMs: 10, ...(until !== undefined && { until }) },
});

export const retry = (attempts: number): Pick<Step, 'retry'> => ({
  retry: { attempts, delayMs: 10, backoff: 2, maxDelayMs: 1_000, jitter: 0 },
});

/** Its undo is one step, `un-` and its id. */
export const undoable = (id: string, fields: Partial<Step> = {}): Step =>
  step(id, { undo: [step(`un-${id}`)], ...fields });

export function workflow(steps: readonly Step[], cleanup: readonly Step[] = []): Workflow {
  return {
    name: 'test',
    version: '1',
    tags: [],
    inputs: {},
    outputs: {},
    env: {},
    prerequisites: [],
    steps,
    cleanup,
  };
}

/** A random step before it has an id; `needs` picks among the steps before it, bit by bit. */
interface Shape {
  readonly type: string;
  readonly needs: number;
  readonly fields: Partial<Step>;
  readonly body?: readonly Shape[];
  readonly undo?: readonly Shape[];
}

/** Task types of the fake host, and how often each is drawn. */
const taskType = fc.constantFrom('process', 'process', 'process', 'instant', 'sleep', 'ask', 'signal');

const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 4 });

const policies: readonly FailurePolicy[] = [
  ...Array.from({ length: 14 }, () => 'stop' as const),
  ...Array.from({ length: 7 }, () => 'continue' as const),
  ...(['rollback', 'rollback:immediate', 'rollback:checkpoint'] as const),
];

const commonFields = fc
  .record({
    onFailure: fc.constantFrom(...policies),
    idempotent: fc.boolean(),
    when: rarely(fc.constant('perhaps')),
    timeoutMs: rarely(fc.integer({ min: 5, max: 200 })),
    retry: rarely(fc.integer({ min: 2, max: 3 }).map((attempts) => retry(attempts).retry!)),
    foreach: rarely(
      fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 3 })).map(([n, width]) => foreach(n, width).foreach!),
    ),
    effects: fc.constantFrom('none' as const, 'workspace' as const, 'workspace' as const, 'remote' as const),
    irreversible: rarely(fc.constant('it is sent')),
    checkpoint: rarely(fc.constantFrom({}, {}, { name: 'automatic' })),
    repeat: rarely(fc.integer({ min: 1, max: 4 }).map((max) => repeat(max, 'perhaps').repeat!)),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));

function shapes(depth: number, maxLength: number, undoDepth?: number): fc.Arbitrary<readonly Shape[]> {
  const bare = fc.record({ type: taskType, needs: fc.nat(255), fields: commonFields });
  const task =
    undoDepth === undefined
      ? bare
      : fc
          .tuple(bare, fc.option(shapes(undoDepth, 2), { nil: undefined, freq: 2 }))
          .map(([one, undo]): Shape => ({ ...one, ...(undo && { undo }) }));
  const one =
    depth === 0
      ? task
      : fc.oneof(
          { weight: 3, arbitrary: task },
          {
            weight: 1,
            arbitrary: fc.record({
              type: fc.constant('block'),
              needs: fc.nat(255),
              fields: commonFields,
              body: shapes(depth - 1, 3, undoDepth),
            }),
          },
        );
  return fc.array(one as fc.Arbitrary<Shape>, { minLength: 1, maxLength });
}

function build(list: readonly Shape[], prefix: string): readonly Step[] {
  const ids = list.map((_, index) => `${prefix}${index}`);
  return list.map((shape, index) =>
    step(ids[index]!, {
      ...shape.fields,
      type: shape.type,
      needs: ids.slice(0, index).filter((_, bit) => (shape.needs >> bit) & 1),
      ...(shape.undo && { undo: build(shape.undo, `${ids[index]}-u`) }),
      ...(shape.body && { body: build(shape.body, `${ids[index]}-`) }),
    }),
  );
}

/** Random DAGs, loops and nested blocks, three deep, with undos, checkpoints and a cleanup now and then. */
export const anyWorkflow: fc.Arbitrary<Workflow> = fc
  .tuple(shapes(3, 5, 1), fc.oneof(fc.constant([]), shapes(1, 3)), fc.constantFrom('stop', ...policies))
  .map(([steps, cleanup, onFailure]) => ({ ...workflow(build(steps, 's'), build(cleanup, 'c')), onFailure }));
