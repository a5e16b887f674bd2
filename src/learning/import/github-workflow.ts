/** A workflow of GitHub Actions as sessions: the `run` scripts of each job, told by the names of their steps. */
import { listOf, recordOf, textOf } from './json-line.ts';
import { scriptCommands } from './script-commands.ts';
import type { SessionBuilder } from './session-builder.ts';

/** `document` is the parsed file. */
export function readGithubWorkflow(document: unknown, to: SessionBuilder): void {
  const workflow = recordOf(document);
  const jobs = recordOf(workflow?.jobs);
  if (!jobs) {
    to.skip('broken');
    return;
  }
  for (const [id, raw] of Object.entries(jobs)) {
    const job = recordOf(raw);
    const goal = [textOf(workflow?.name), textOf(job?.name) ?? id]
      .filter((word) => word !== undefined)
      .join('. ');
    to.begin({ goal });
    for (const each of listOf(job?.steps)) {
      const step = recordOf(each);
      const run = textOf(step?.run);
      if (run === undefined) continue;
      const [intent, place] = [textOf(step?.name), textOf(step?.['working-directory'])];
      for (const command of scriptCommands(run)) to.add({ command, intent, place });
    }
  }
}
