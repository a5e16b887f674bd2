/** Whether a definition that was made of commands could be run as it stands: commands are anybody's, and strange. */
import { readDefinition } from '../../definition/read-definition.ts';
import { definitionText } from '../../definition/write/definition-text.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { StepCatalogue } from '../step-catalogue.ts';

export const isRunnable = (definition: JsonObject, { types }: StepCatalogue): boolean =>
  readDefinition({ text: definitionText(definition), file: `${definition.name}.yaml` }, types).workflow !==
  undefined;
