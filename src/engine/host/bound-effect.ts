/** Effects that wait until their events are durable; what is about an attempt is named by the event that started it. */
import type { JsonObject } from '../core/model.ts';
import type { AttemptRef } from '../core/ports.ts';
import type { StepState } from '../core/state.ts';
import type { CacheHit } from '../core/step-cache.ts';
import type { InnerRunSpec, ProcessSpec, StepType } from '../core/step-type.ts';
import type { ChildRequest } from './child-runs.ts';
import type { Effect } from './run-source.ts';

type AttemptEffect = Extract<Effect, { readonly kind: 'spawn' | 'call' | 'run' | 'stop' | 'bring_back' }>;
/** What is about no attempt. */
export type LooseEffect = Exclude<Effect, AttemptEffect>;

export type BoundEffect =
  | { readonly kind: 'spawn'; readonly key: string; readonly attempt: AttemptRef; readonly spec: ProcessSpec }
  | {
      readonly kind: 'call';
      readonly key: string;
      readonly attempt: AttemptRef;
      readonly type: StepType;
      readonly call: JsonObject;
    }
  | {
      readonly kind: 'stop';
      readonly of: 'process' | 'call' | 'run';
      readonly attempt: AttemptRef;
      readonly why: 'cancelled' | 'timeout';
    }
  | { readonly kind: 'run'; readonly child: ChildRequest }
  | {
      readonly kind: 'bring_back';
      readonly key: string;
      readonly attempt: AttemptRef;
      readonly hit: CacheHit;
    }
  | LooseEffect;

export const isAboutAttempt = (effect: Effect): effect is AttemptEffect =>
  'step' in effect && effect.kind !== 'prepare' && effect.kind !== 'look_up_cache';

export interface Binding {
  readonly attempt: AttemptRef;
  typeOf(step: StepState): StepType;
  childOf(step: StepState, spec: InnerRunSpec | undefined): ChildRequest;
}

export function boundEffect(effect: AttemptEffect, { attempt, typeOf, childOf }: Binding): BoundEffect {
  const { step } = effect;
  const { key, call, innerRun } = step;
  switch (effect.kind) {
    case 'spawn':
      return { kind: 'spawn', key, attempt, spec: effect.spec };
    case 'call':
      return { kind: 'call', key, attempt, type: typeOf(step), call: effect.call };
    case 'run':
      return { kind: 'run', child: childOf(step, effect.spec) };
    case 'bring_back':
      return { kind: 'bring_back', key, attempt, hit: effect.hit };
    case 'stop':
      return {
        kind: 'stop',
        of: call ? 'call' : innerRun ? 'run' : 'process',
        attempt,
        why: effect.why,
      };
  }
}
