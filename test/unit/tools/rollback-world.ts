/** A project of a few files, and runs that break it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rollbackTool } from '../../../src/tools/rollback.tool.ts';
import type { RunView } from '../../../src/tools/run-view-schema.ts';
import type { ToolAnswer, ToolContext, ToolError } from '../../../src/tools/tool.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

export class RollbackWorld {
  readonly scratch: Scratch = scratchBelay();
  readonly folder = this.scratch.folder;

  constructor() {
    this.write('kept.txt', 'kept\n');
    this.write('changed.txt', 'before\n');
    this.write('deleted.txt', 'here\n');
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Undefined where there is no such file. */
  read(name: string): string | undefined {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  /** Of the whole project, by name. */
  files(): object {
    const names = ['kept.txt', 'changed.txt', 'deleted.txt', 'created.txt'];
    return Object.fromEntries(names.map((name) => [name, this.read(name)]));
  }

  async run(definition: object, more: object = {}) {
    return viewOf(await this.scratch.call('workflow_execute', { definition, wait_seconds: 60, ...more }));
  }

  rollback(args: object, context: Partial<ToolContext> = {}): Promise<ToolAnswer> {
    const given = rollbackTool.input.parse({ wait_seconds: 60, ...args });
    return rollbackTool.run({ ...this.scratch.context, ...context }, given);
  }

  close(): void {
    this.scratch.close();
  }
}

export const BEFORE = {
  'kept.txt': 'kept\n',
  'changed.txt': 'before\n',
  'deleted.txt': 'here\n',
  'created.txt': undefined,
};
export const AFTER = {
  'kept.txt': 'kept\n',
  'changed.txt': 'after\n',
  'deleted.txt': undefined,
  'created.txt': 'new\n',
};

/** Changes files by shell, then fails unless told otherwise. */
export const breaking = {
  name: 'breaking',
  inputs: { code: { type: 'integer', default: 7 } },
  steps: [
    { id: 'look', command: 'cat kept.txt' },
    {
      id: 'break',
      checkpoint: { name: 'whole' },
      command: 'echo after > changed.txt; rm -f deleted.txt; echo new > created.txt',
    },
    { id: 'fail', command: 'exit {{ inputs.code }}' },
  ],
};

/** A rollback's answer, checked by its schema. */
export function rollbackOf(answer: ToolAnswer) {
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return rollbackTool.output.parse(answer.structured) as Omit<RunView, 'plan'>;
}

export function errorOf(answer: ToolAnswer): ToolError {
  if (answer.kind !== 'error') throw new Error(JSON.stringify(answer));
  return answer.error;
}
