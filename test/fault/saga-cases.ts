/** All sagas by name. The name of a run's workflow says which one it is. */
import { readDefinition } from '../../src/definition/read-definition.ts';
import type { Workflow } from '../../src/engine/core/model.ts';
import { stepTypes } from '../../src/steps/catalogue.ts';
import type { Saga } from './saga.ts';
import { LADDER_SAGAS } from './saga-ladder.ts';
import { SHAPE_SAGAS } from './saga-shapes.ts';
import { STRATEGY_SAGAS } from './saga-strategies.ts';

const SAGAS = { ...LADDER_SAGAS, ...STRATEGY_SAGAS, ...SHAPE_SAGAS };

export type SagaName = keyof typeof SAGAS;

export const SAGA_NAMES = Object.keys(SAGAS) as SagaName[];

const isSaga = (name: string): name is SagaName => Object.hasOwn(SAGAS, name);

export const sagaOf = (name: string): Saga | undefined => (isSaga(name) ? SAGAS[name] : undefined);

export function sagaWorkflow(name: SagaName): Workflow {
  const value = { name, ...SAGAS[name].definition };
  const { workflow, diagnostics } = readDefinition({ value }, stepTypes);
  if (!workflow) throw new Error(`${name}: ${JSON.stringify(diagnostics)}`);
  return workflow;
}
