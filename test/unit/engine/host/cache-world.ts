/** A world whose hosts share a cache of results, and whose runs work in its tree. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type EventOf, isFinal } from '../../../../src/engine/core/events.ts';
import { openCache, type ResultCache } from '../../../../src/store/cache/open-cache.ts';
import { FilesWorld } from './files-world.ts';
import type { HostTerms } from './world.ts';

export class CacheWorld extends FilesWorld {
  readonly cache: ResultCache = openCache(join(this.folder, 'home'));

  constructor() {
    super();
    onTestFinished(() => this.cache.close());
  }

  override host(terms: HostTerms = {}) {
    return super.host({ cache: this.cache, ...terms });
  }

  override run(definition: object, fields: Partial<EventOf<'run.created'>> = {}): Promise<string> {
    return super.run(definition, { cwd: this.tree, ...fields });
  }

  /** Runs it; whatever is performed does `work` and ends well, or with `code`. */
  async whole(definition: object, work: () => void = () => {}, code = 0, fields = {}): Promise<string> {
    const run = await this.run(definition, fields);
    await this.until(() => {
      for (const script of this.machine.running) {
        work();
        this.machine.end(script, { code, stdout: 'said\n' });
      }
      return isFinal(this.state(run).status);
    });
    return run;
  }

  statuses = (run: string): readonly string[] => Object.values(this.steps(run));
}

/** With one host. */
export const started = (world: CacheWorld) => {
  world.host();
  return world;
};
