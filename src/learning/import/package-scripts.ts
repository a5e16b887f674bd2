/** The scripts of a package.json: how each is called, told by its name and by what it does. */
import { recordOf, textOf } from './json-line.ts';
import type { SessionBuilder } from './session-builder.ts';

/** Scripts that npm calls by their name alone, and those that others call. */
const SHORT = new Set(['test', 'start', 'stop', 'restart']);
const HOOK =
  /^(?:pre|post)(?!view|set|pare|fix|process)|^(?:prepare|install|uninstall|version|dependencies)$/;

export function readPackageScripts(document: unknown, project: string, to: SessionBuilder): void {
  const manifest = recordOf(document);
  if (!manifest) {
    to.skip('broken');
    return;
  }
  const scripts = Object.entries(recordOf(manifest.scripts) ?? {});
  const program = /^(npm|pnpm|yarn|bun)@/.exec(textOf(manifest.packageManager) ?? '')?.[1] ?? 'npm';
  for (const [name, script] of scripts) {
    if (typeof script !== 'string') to.skip('broken');
    else if (!HOOK.test(name) && /^[\w:.@/-]{1,100}$/.test(name)) {
      to.begin({ project });
      const command = SHORT.has(name) ? `${program} ${name}` : `${program} run ${name}`;
      to.add({ command, place: project, intent: `${name.replace(/[:_-]+/g, ' ')}: ${script}` });
    }
  }
}
