/** All step types of a Belay: its own, and those that the settings of its data folder allow. */
import { existsSync } from 'node:fs';
import type { z } from 'zod';
import { Bug } from '../engine/core/failure.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { stepTypes } from '../steps/catalogue.ts';
import type { ForeignModule } from './foreign-steps.ts';
import { settingsPath } from './home-folder.ts';

export interface StepCatalogue {
  readonly types: readonly StepType<z.ZodObject>[];
  /** The type of a step that has been checked: not to know it is a bug. */
  find(name: string): StepType;
  /** Modules that the settings name, loaded or not. */
  readonly modules: readonly ForeignModule[];
  /** Why the settings could not be read. */
  readonly problem?: string;
}

/** Belay's own types alone. */
export const ownCatalogue = (): StepCatalogue => catalogueOf([], []);

/** With those that are allowed; what could not be loaded is told in `modules` and `problem`. */
export async function stepCatalogue(home: string): Promise<StepCatalogue> {
  // most people allow none: then nothing more is loaded
  if (!existsSync(settingsPath(home))) return ownCatalogue();
  const { loadForeignSteps } = await import('./foreign-steps.ts');
  const { types, modules, problem } = await loadForeignSteps(home);
  return { ...catalogueOf(types, modules), ...(problem !== undefined && { problem }) };
}

function catalogueOf(
  foreign: readonly StepType<z.ZodObject>[],
  modules: readonly ForeignModule[],
): StepCatalogue {
  const types = [...stepTypes, ...foreign];
  const byName = new Map<string, StepType>(types.map((type) => [type.type, type]));
  return {
    types,
    modules,
    find(name) {
      const type = byName.get(name);
      if (!type) throw new Bug(`step type ${name} is not in the catalogue`);
      return type;
    },
  };
}
