/**
 * The catalogue of step types: one entry for each `*.step.ts` file, checked by its test.
 * Importing it registers nothing and runs nothing.
 */
import type * as z from 'zod';
import type { StepType } from '../engine/core/step-type.ts';
import { agentStep } from './agent.step.ts';
import { approvalStep } from './approval.step.ts';
import { assertStep } from './assert.step.ts';
import { checkpointStep } from './checkpoint.step.ts';
import { claudeCodeStep } from './claude-code.step.ts';
import { httpStep } from './http.step.ts';
import { inputStep } from './input.step.ts';
import { mcpStep } from './mcp.step.ts';
import { notifyStep } from './notify.step.ts';
import { setStep } from './set.step.ts';
import { shellStep } from './shell.step.ts';
import { sshStep } from './ssh.step.ts';
import { waitStep } from './wait.step.ts';
import { workflowStep } from './workflow.step.ts';

/** In the order in which documentation and completion show them. */
export const stepTypes: readonly StepType<z.ZodObject>[] = [
  shellStep,
  httpStep,
  sshStep,
  mcpStep,
  notifyStep,
  agentStep,
  claudeCodeStep,
  assertStep,
  setStep,
  waitStep,
  approvalStep,
  inputStep,
  checkpointStep,
  workflowStep,
];

const byName = new Map(stepTypes.map((type) => [type.type, type]));

/** The step type of that name; undefined when there is none. */
export const stepType = (name: string): StepType<z.ZodObject> | undefined => byName.get(name);
