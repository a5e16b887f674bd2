/**
 * One sample for each step type, as data: a step that works, one that fails, one that would go on for ever.
 * The battery runs them through the real engine.
 */
import type { JsonObject } from '../../src/engine/core/model.ts';
import { odd } from '../unit/steps/mcp/calling.ts';
import { processesIn, type StepWorld } from './step-types.fixture.ts';

export interface Sample {
  /** Does its work, as often as it is asked to. */
  readonly works: JsonObject;
  readonly fails: JsonObject;
  /** Never ends by itself. Absent: an attempt of this type is over as soon as it has begun. */
  readonly hangs?: JsonObject;
  /** Whether that one has come so far that there is something to leave behind. */
  readonly hasBegun?: (cwd: string) => boolean;
  /** To what the step asks. */
  readonly answer?: { readonly works: JsonObject; readonly fails: JsonObject };
  /** What an attempt that runs out of time fails with; `timeout` unless said. */
  readonly late?: readonly string[];
  /** Its work is done before the step starts: a step that fails has not started, and needs no undo. */
  readonly worksBefore?: true;
  /** Why it cannot be an undo: code of the diagnostic. */
  readonly noUndo?: string;
  /** Outputs that are different each time. */
  readonly changing?: readonly string[];
}

/** @param notes a file that undos of the sample write a line to */
export function sampleOf(type: string, world: StepWorld, notes: string): Sample {
  const isRunning = (cwd: string) => processesIn(cwd).length > 0;
  const isAsked = () => world.waiting() > 0;
  const sample = SAMPLES[type];
  if (!sample) throw new Error(`step type \`${type}\` has no sample`);
  return sample({ world, notes, isRunning, isAsked });
}

interface Terms {
  readonly world: StepWorld;
  readonly notes: string;
  readonly isRunning: (cwd: string) => boolean;
  readonly isAsked: () => boolean;
}

const agentOf = (world: StepWorld, model: string): JsonObject => ({
  prompt: 'look',
  providers: [{ provider: 'openai', base_url: `${world.origin}/v1`, model }],
  schema: { type: 'object', properties: { b: { type: 'string' } } },
});

/** The tool over HTTP, but for the server that hangs: that one is a process. */
const toolOf = (world: StepWorld, tool: string): JsonObject => ({
  server: { url: `${world.origin}/mcp` },
  tool,
  arguments: tool === 'greet' ? { name: 'Ann' } : {},
});

export const SAMPLES: { readonly [type: string]: (terms: Terms) => Sample } = {
  shell: ({ isRunning }) => ({
    works: { command: 'echo made > made; echo said', outputs: { said: '{{ trim(stdout) }}' } },
    fails: { command: 'echo half > made; exit 3' },
    hangs: { command: 'sleep 1000 & exec sleep 1000' },
    hasBegun: isRunning,
  }),
  http: ({ world, isAsked }) => ({
    works: { method: 'PUT', url: `${world.origin}/ok`, outputs: { n: '{{ outputs.json.n }}' } },
    fails: { method: 'PUT', url: `${world.origin}/fail` },
    hangs: { url: `${world.origin}/hang`, save_to: 'answer' },
    hasBegun: isAsked,
  }),
  notify: ({ world, isAsked }) => ({
    works: { message: 'done', webhook: { url: `${world.origin}/ok` } },
    fails: { message: 'done', webhook: { url: `${world.origin}/fail` } },
    hangs: { message: 'done', webhook: { url: `${world.origin}/hang` } },
    hasBegun: isAsked,
  }),
  ssh: ({ world }) => ({
    works: { ...world.ssh?.fields, command: 'echo said', outputs: { said: '{{ trim(stdout) }}' } },
    fails: { ...world.ssh?.fields, command: 'exit 3' },
    hangs: { ...world.ssh?.fields, command: 'cd ~; sleep 1000 & exec sleep 1000' },
    hasBegun: () => processesIn(world.ssh?.home ?? '/nowhere').length > 1,
  }),
  mcp: ({ world, isRunning }) => ({
    works: { ...toolOf(world, 'greet'), outputs: { said: '{{ outputs.text }}' } },
    fails: toolOf(world, 'fail'),
    hangs: { server: odd('plain'), tool: 'hang' },
    hasBegun: isRunning,
  }),
  agent: ({ world, isAsked }) => ({
    works: agentOf(world, 'works'),
    fails: agentOf(world, 'fails'),
    hangs: agentOf(world, 'hangs'),
    hasBegun: isAsked,
  }),
  claude_code: ({ isRunning }) => ({
    works: { prompt: 'it works' },
    fails: { prompt: 'it fails' },
    hangs: { prompt: 'it hangs' },
    hasBegun: isRunning,
  }),
  assert: () => ({ works: { condition: '1 < 2' }, fails: { condition: '1 > 2' } }),
  set: () => ({ works: { values: { b: 2 } }, fails: { values: { b: '{{ [1][int("3")] }}' } } }),
  wait: () => ({
    works: { for: 0 },
    fails: { for: 0, signal: 'never' },
    hangs: { for: '1d' },
  }),
  approval: () => ({
    works: { message: 'go?' },
    fails: { message: 'go?' },
    hangs: { message: 'go?' },
    answer: { works: { approved: true }, fails: { approved: false } },
    changing: ['answers'],
  }),
  input: () => ({
    works: { message: 'what?', fields: { c: { type: 'string' } } },
    fails: { message: 'what?', fields: { c: { type: 'string' } }, show: { title: 'it', file: 'nowhere' } },
    hangs: { message: 'what?', fields: { c: { type: 'string' } } },
    answer: { works: { c: 'x' }, fails: { c: 'x' } },
  }),
  checkpoint: ({ isRunning }) => ({
    works: { name: 'here', capture: 'echo kept', restore: 'cat > /dev/null' },
    fails: { name: 'here', capture: 'exit 3', restore: 'true' },
    hangs: { name: 'here', capture: 'exec sleep 1000', restore: 'true' },
    hasBegun: isRunning,
    late: ['checkpoint_failed'],
    worksBefore: true,
    noUndo: 'conflict',
  }),
  workflow: ({ notes, isRunning }) => ({
    works: { workflow: 'inner', inputs: { mode: 'works', notes } },
    fails: { workflow: 'inner', inputs: { mode: 'fails', notes } },
    hangs: { workflow: 'inner', inputs: { mode: 'hangs', notes } },
    hasBegun: isRunning,
  }),
};
