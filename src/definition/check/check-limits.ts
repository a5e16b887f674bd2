/** Limits by tag: one that counts no step is a word misspelt, here or there. */
import type { DiagnosticList } from '../diagnostic.ts';
import { nearHint } from '../did-you-mean.ts';
import { allSteps, type Draft } from '../draft.ts';

export function checkLimits(draft: Draft, list: DiagnosticList): void {
  const { limits = {} } = draft.fields;
  const steps = [...allSteps(draft.steps), ...allSteps(draft.cleanup)];
  const tags = new Set(steps.flatMap(({ fields }) => fields.tags ?? []));
  for (const tag of Object.keys(limits)) {
    if (tags.has(tag)) continue;
    list.add({
      severity: 'warning',
      code: 'unused_limit',
      message: `no step has the tag \`${tag}\``,
      hint: nearHint(tag, [...tags]) ?? `give it to the steps that count: \`tags: [${tag}]\``,
      path: ['limits', tag],
      key: true,
    });
  }
}
