/**
 * The instructions of a manual rollback: what a person does, in order, as Markdown and as data, saved with the run.
 * Owns the words; the lines come from `plan-unwind.ts`.
 */
import type { RestorePlan } from '../../checkpoint/snapshot.ts';
import { Bug } from '../core/failure.ts';
import type { UnwindItem } from '../core/rollback-state.ts';
import type { RunState } from '../core/state.ts';
import type { PlanLine } from './plan-unwind.ts';
import type { ScopeSource } from './step-scope.ts';

/** Diffs of all files together, in the instructions of one rollback. */
export const INSTRUCTION_DIFF_BYTES_MAX = 256 * 1024;

export interface Instructions {
  readonly markdown: string;
  readonly lines: readonly (PlanLine & { readonly text: string })[];
}

export function writeInstructions(run: RunState, plan: readonly PlanLine[]): Instructions {
  const lines = plan.map((line) => ({ ...line, text: textOf(line) }));
  const title = `# Taking back run ${run.runId} (${run.workflow.name})`;
  const parts = lines.map(({ order, text }) => `## ${order}. ${text}`);
  const how = 'Carry the instructions out in this order, and tick each off when it is done.';
  return { markdown: [title, how, ...parts].join('\n\n'), lines };
}

/** What a person is asked to do for one line of a manual rollback. */
export function instructionOf(source: ScopeSource, item: UnwindItem): string {
  const saved = source.run.unwind?.instructions;
  const bytes = saved && source.blob(saved.blob);
  if (!bytes) throw new Bug('the instructions of the rollback are missing from the data folder');
  const { lines } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Instructions;
  return lines[item.order - 1]?.text ?? '';
}

function textOf(line: PlanLine): string {
  switch (line.kind) {
    case 'undo':
      return `Undo step \`${line.step}\`\n\n${fenced('sh', line.command ?? '')}`;
    case 'restore':
      return `Bring the files back to checkpoint \`${line.checkpoint}\`\n\n${line.files ? filesText(line.files) : line.why}`;
    case 'irreversible':
      return `Step \`${line.step}\` cannot be taken back: ${line.why}`;
    case 'uncovered':
      return `Step \`${line.step}\` stays as it is: ${line.why}`;
    case 'files':
      return `Step \`${line.step}\`: its files go back with the next checkpoint`;
    case 'nothing':
      return `Step \`${line.step}\` changed nothing`;
  }
}

function filesText(plan: RestorePlan): string {
  const rows = plan.files.map(({ path, action, bytes }) =>
    action === 'delete' ? `- delete \`${path}\`` : `- ${action} \`${path}\` (${bytes} bytes)`,
  );
  const total = plan.create + plan.change + plan.delete;
  if (total > rows.length) rows.push(`- and ${total - rows.length} more`);
  if (rows.length === 0) rows.push('- nothing differs from it');
  const lost = plan.lost.map(({ path, reason }) => `- \`${path}\` cannot come back: ${reason}`);
  const diff = plan.diff ? ['', fenced('diff', plan.diff)] : [];
  return [...rows, ...lost, ...diff].join('\n');
}

/** A fence longer than any run of backticks inside. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
