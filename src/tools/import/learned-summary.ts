/** What learning keeps, counted: by where it came from, by project, in bytes. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import { everySession } from './every-session.ts';

export interface Share {
  readonly sessions: number;
  readonly commands: number;
}

export interface LearnedSummary extends Share {
  /** `run`, or `import:<kind>:<id>`: what `--forget` takes. */
  readonly sources: readonly (Share & { readonly source: string })[];
  /** Those with the most commands; '' where nobody knows. */
  readonly projects: readonly (Share & { readonly project: string })[];
  /** Of the newest session whose time is known. */
  readonly newestAt: number | undefined;
  readonly bytes: number;
}

const PROJECTS_SHOWN = 10;
const FILES = ['learning.db', 'learning.db-wal'];

export function learnedSummary(store: LearningStore, home: string): LearnedSummary {
  const all = { sessions: 0, commands: 0 };
  const sources = new Map<string, { sessions: number; commands: number }>();
  const projects = new Map<string, { sessions: number; commands: number }>();
  let newestAt = 0;
  const bytes = FILES.reduce((sum, name) => sum + bytesOf(join(home, name)), 0);
  // asking the store would make its file
  if (bytes > 0)
    for (const { source, project, at, steps } of everySession(store)) {
      const name = source.startsWith('run:') ? 'run' : source;
      for (const share of [all, shareOf(sources, name), shareOf(projects, project)]) {
        share.sessions += 1;
        share.commands += steps.length;
      }
      newestAt = Math.max(newestAt, at);
    }
  return {
    ...all,
    sources: [...sources].map(([source, share]) => ({ source, ...share })).sort(most),
    projects: [...projects]
      .map(([project, share]) => ({ project, ...share }))
      .sort(most)
      .slice(0, PROJECTS_SHOWN),
    newestAt: newestAt || undefined,
    bytes,
  };
}

const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const most = (a: Share, b: Share): number => b.commands - a.commands;

function shareOf(
  shares: Map<string, { sessions: number; commands: number }>,
  name: string,
): { sessions: number; commands: number } {
  const share = shares.get(name) ?? { sessions: 0, commands: 0 };
  shares.set(name, share);
  return share;
}
