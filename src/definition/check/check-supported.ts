/** What a definition may say but this release does not do: refused by name, never ignored. */
import type { DiagnosticList, Path } from '../diagnostic.ts';
import { allSteps, type Draft } from '../draft.ts';

/** `security_profile` is meant for a sandbox; steps that have profiles of their own take it themselves. */
export function checkSupported(draft: Draft, list: DiagnosticList): void {
  const refuse = (path: Path) =>
    list.add({
      code: 'not_supported',
      message: '`security_profile` is not run by this release: commands run without a sandbox',
      path,
      key: true,
      hint: 'it comes with a later release; until then remove it',
    });
  if (draft.fields.security_profile !== undefined) refuse(['security_profile']);
  for (const { fields, path } of [...allSteps(draft.steps), ...allSteps(draft.cleanup)])
    if (fields.security_profile !== undefined) refuse([...path, 'security_profile']);
}
