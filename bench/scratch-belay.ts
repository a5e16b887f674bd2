/** A Belay on a fresh data directory, driven in this process, and runs on it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Belay, openBelay } from '../src/tools/belay.ts';
import { executeTool } from '../src/tools/execute.tool.ts';
import type { RunView } from '../src/tools/run-view-schema.ts';
import { statusTool } from '../src/tools/status.tool.ts';
import type { ToolContext } from '../src/tools/tool.ts';

export interface Scratch {
  readonly folder: string;
  readonly belay: Belay;
  readonly context: ToolContext;
  /** Runs an inline definition to its end; throws when it does not succeed. */
  run(definition: object): Promise<RunView>;
  close(): void;
}

export function scratchBelay(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  const opened = openBelay({ home: join(folder, 'home'), cwd: folder, drive: true });
  if (!opened.ok) throw new Error(opened.error.message);
  const belay = opened.value;
  const context: ToolContext = {
    belay,
    signal: new AbortController().signal,
    caller: 'bench',
    human: false,
    cwd: folder,
    progress: () => {},
  };
  return {
    folder,
    belay,
    context,
    run: (definition) => runToEnd(context, definition),
    close() {
      belay.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function runToEnd(context: ToolContext, definition: object): Promise<RunView> {
  let answer = await executeTool.run(context, { definition: JSON.stringify(definition), wait_seconds: 300 });
  for (;;) {
    if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
    const view = answer.structured as unknown as RunView;
    if (view.status === 'succeeded') return view;
    if (view.status !== 'running' && view.status !== 'queued')
      throw new Error(`${view.status}: ${view.reason}`);
    answer = await statusTool.run(context, { run_id: view.run_id, wait_seconds: 300 });
  }
}
