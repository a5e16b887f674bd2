/** The public types of Belay: the workflow model, its journal's events, and the contracts of step types and tools. */
export type { Diagnostic } from './definition/diagnostic.ts';
export type { Event, EventType, JournalEvent, RunStatus, StepStatus } from './engine/core/events.ts';
export type { Failure, Result } from './engine/core/failure.ts';
export type { InputSpec, Json, JsonObject, Step, Workflow } from './engine/core/model.ts';
export type { Journal, ProcessRunner } from './engine/core/ports.ts';
export type { Action, Outcome, StepContext, StepType } from './engine/core/step-type.ts';
export { type DefinedStep, defineStep, STEP_CONTRACT } from './steps/define-step.ts';
export type { RunView, StepView } from './tools/run-view-schema.ts';
