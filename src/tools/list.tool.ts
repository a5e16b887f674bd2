/** workflow_list: the workflows that can be run by name, and what each of them needs. */
import { z } from 'zod';
import type { LibraryEntry } from '../definition/library.ts';
import { firstWithin, LIST_BYTES_MAX } from './answer-budget.ts';
import { done } from './answers.ts';
import type { Tool } from './tool.ts';

const LIMIT = 50;

const input = z.strictObject({
  query: z.string().optional().describe('words to look for in name, description and tags'),
  category: z.string().optional(),
  tag: z.string().optional(),
  limit: z.int().min(1).max(200).optional().describe(`${LIMIT} unless said`),
  cursor: z.string().optional().describe('next_cursor of the page before'),
});

const workflow = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string().optional(),
  category: z.string().optional(),
  tags: z.array(z.string()),
  inputs: z.record(z.string(), z.record(z.string(), z.json())),
  source: z.string().describe('file it comes from'),
  scope: z.string().describe('workflows, project, user or shipped'),
  problem: z.string().optional().describe('why it cannot be run'),
});

export const listTool: Tool<typeof input> = {
  name: 'workflow_list',
  title: 'List workflows',
  description: 'Lists the workflows that can be run by name, with their inputs.',
  input,
  output: z.object({ workflows: z.array(workflow), next_cursor: z.string().optional() }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },

  async run(context, args) {
    const found = context.belay.library.list().filter((entry) => matches(entry, args));
    // a cursor is the last name shown, so that a page stays right while files come and go
    const rest =
      args.cursor === undefined ? found : found.filter((entry) => entry.name > (args.cursor ?? ''));
    // a page ends early rather than be too long; it has at least one workflow
    const views = rest.slice(0, args.limit ?? LIMIT).map(workflowView);
    const page = views.slice(0, Math.max(1, firstWithin(views, LIST_BYTES_MAX).length));
    const last = page.at(-1);
    const next = rest.length > page.length && last ? { next_cursor: last.name } : {};
    const lines = page.map(
      (entry) => `${entry.name}: ${entry.problem ?? entry.description ?? 'no description'}`,
    );
    return done({ workflows: page, ...next }, lines.length === 0 ? 'no workflows match' : lines.join('\n'));
  },
};

function matches(entry: LibraryEntry, args: z.output<typeof input>): boolean {
  if (args.category !== undefined && entry.category !== args.category) return false;
  if (args.tag !== undefined && !entry.tags.includes(args.tag)) return false;
  const text = [entry.name, entry.description ?? '', ...entry.tags].join(' ').toLowerCase();
  const words = (args.query ?? '').toLowerCase().split(/\s+/);
  return words.every((word) => text.includes(word));
}

const workflowView = (entry: LibraryEntry) => ({
  name: entry.name,
  version: entry.version,
  ...(entry.description !== undefined && { description: entry.description }),
  ...(entry.category !== undefined && { category: entry.category }),
  tags: [...entry.tags],
  inputs: entry.inputs as never,
  source: entry.file,
  scope: entry.scope,
  ...(entry.problem !== undefined && { problem: entry.problem }),
});
