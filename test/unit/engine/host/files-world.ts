/** A world whose hosts look after real files: a small tree, the real store of snapshots, pretended processes. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openSnapshots } from '../../../../src/checkpoint/open-snapshots.ts';
import type { Snapshots } from '../../../../src/checkpoint/snapshot.ts';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import type { EventOf } from '../../../../src/engine/core/events.ts';
import { isFinal } from '../../../../src/engine/core/events.ts';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';
import { treeValue } from '../../../fidelity/tree.ts';
import { type HostTerms, type PretendedHost, World } from './world.ts';

export class FilesWorld extends World {
  /** Where runs work. */
  readonly tree = join(this.folder, 'tree');
  readonly snapshots: Snapshots = openSnapshots(join(this.folder, 'home', 'checkpoints'));

  constructor() {
    super();
    onTestFinished(() => this.snapshots.close());
    mkdirSync(this.tree);
    this.write('one', 'one');
    this.write('two', 'two');
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.tree, path), text);
  }

  remove(path: string): void {
    rmSync(join(this.tree, path), { recursive: true });
  }

  /** Everything that is known of the tree, to compare. */
  look = (): object => treeValue(this.tree);

  override host(terms: HostTerms = {}): PretendedHost {
    return super.host({ snapshots: this.snapshots, ...terms });
  }

  /** A run in the tree, with checkpoints as its definition says. */
  begin(definition: object, fields: Partial<EventOf<'run.created'>> = {}): Promise<string> {
    const { workflow, diagnostics } = readDefinition({ value: { name: 'test', ...definition } }, stepTypes);
    if (!workflow) throw new Error(JSON.stringify(diagnostics));
    return this.run(definition, {
      cwd: this.tree,
      definition: workflow as unknown as JsonObject,
      ...fields,
    });
  }

  /** Waits for the process, does its work on the files, and ends it. */
  async perform(script: string, work: () => void = () => {}, code = 0): Promise<void> {
    await this.until(() => this.machine.running.includes(script));
    work();
    await this.end(script, { code });
  }

  /** Until the run has ended, or stands. */
  async over(runId: string): Promise<string> {
    await this.until(() => isFinal(this.state(runId).status) || this.status(runId) === 'paused');
    return this.status(runId);
  }

  async rollback(runId: string, more: Partial<EventOf<'unwind.requested'>> = {}): Promise<string> {
    await this.ask(runId, { type: 'unwind.requested', strategy: 'graceful', by: 'ann', ...more });
    return this.over(runId);
  }
}
