/**
 * The way in for step types that come from elsewhere: a module that settings allow exports what `defineStep` gives, or
 * a function that is given this kit and returns that. The contract has a number, so that a type made for another one
 * is refused by name instead of failing in the middle of a run.
 */
import * as z from 'zod';
import { err, ok } from '../engine/core/failure.ts';
import type { StepType } from '../engine/core/step-type.ts';

/** Grows when step types made for the one before would no longer work. */
export const STEP_CONTRACT = 1;

export interface DefinedStep {
  readonly contract: number;
  readonly type: StepType<z.ZodObject>;
}

/** Marks a step type with the contract that it was made for. */
export const defineStep = (type: StepType<z.ZodObject>): DefinedStep => ({ contract: STEP_CONTRACT, type });

/** What a module is given whose default export is a function: it needs no dependency of its own. */
export const stepKit = { defineStep, ok, err, z } as const;
