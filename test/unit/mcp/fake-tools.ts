/** A small catalogue that shows every kind of answer a tool can give, for the tests of the MCP face. */
import { z } from 'zod';
import type { JsonObject } from '../../../src/engine/core/model.ts';
import { StorageError } from '../../../src/store/problem.ts';
import type { Belay } from '../../../src/tools/belay.ts';
import type { FormAsk, Tool, ToolAnswer, ToolContext } from '../../../src/tools/tool.ts';

const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

function tool<Input extends z.ZodObject>(
  name: `workflow_${string}`,
  definition: Pick<Tool<Input>, 'input' | 'output' | 'run' | 'resume'>,
): Tool {
  return { name, title: name, description: `fake ${name}`, annotations, ...definition } as unknown as Tool;
}

const echo = tool('workflow_echo', {
  input: z.strictObject({
    text: z.string(),
    count: z.int().min(1).max(5).optional(),
    mode: z.enum(['graceful', 'immediate']).optional(),
    tags: z.array(z.string()).optional(),
    source: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  }),
  output: z.object({ text: z.string(), caller: z.string(), human: z.boolean(), cwd: z.string() }),
  async run({ caller, human, cwd }, { text }) {
    return {
      kind: 'done',
      structured: { text, caller, human, cwd },
      text: `echo: ${text}`,
      links: [{ uri: 'belay://runs/r1', name: 'r1', mimeType: 'application/json' }],
    };
  },
});

const fail = tool('workflow_fail', {
  input: z.strictObject({}),
  output: z.object({ run_id: z.string() }),
  async run() {
    return {
      kind: 'error',
      error: {
        code: 'unknown_run',
        message: 'unknown run `r9`',
        hint: 'workflow_history lists runs',
        next: [{ tool: 'workflow_history', arguments: { limit: 5 }, why: 'lists runs' }],
      },
    };
  },
});

const broken = tool('workflow_break', {
  input: z.strictObject({}),
  output: z.object({}),
  async run() {
    throw new Error('secret detail');
  },
});

/** As a journal that cannot be read. */
const unreadable = tool('workflow_unreadable', {
  input: z.strictObject({}),
  output: z.object({}),
  async run() {
    throw new StorageError({ code: 'io', message: 'the disk is gone', hint: 'check the disk' });
  },
});

const form = (round: number): FormAsk => ({
  id: `q${round}`,
  message: `round ${round}`,
  schema: { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] },
});

/** Asks `rounds` forms one after the other and reports what came back. */
function askNext(human: boolean, rounds: number, log: JsonObject[]): ToolAnswer {
  if (log.length === rounds) return { kind: 'done', structured: { log, human }, text: 'answered' };
  return {
    kind: 'ask',
    asks: [form(log.length)],
    state: { log },
    otherwise: { kind: 'done', structured: { log, human }, text: 'the question is open' },
  };
}

const ask = tool('workflow_ask', {
  input: z.strictObject({ rounds: z.int().default(1), about: z.record(z.string(), z.unknown()).optional() }),
  output: z.object({ log: z.array(z.record(z.string(), z.unknown())), human: z.boolean() }),
  async run({ human }, { rounds }) {
    return askNext(human, rounds, []);
  },
  async resume({ human }, { rounds }, state, responses) {
    const log = [...(state.log as JsonObject[]), responses as unknown as JsonObject];
    return askNext(human, rounds, log);
  },
});

/** Asks with a form that no client can show. */
const askNested = tool('workflow_ask_nested', {
  input: z.strictObject({}),
  output: z.object({}),
  async run() {
    const schema = { type: 'object', properties: { list: { type: 'array', items: { type: 'object' } } } };
    const otherwise = { kind: 'done', structured: {}, text: 'the question is open' } as const;
    return { kind: 'ask', asks: [{ id: 'q', message: 'nested', schema }], state: {}, otherwise };
  },
});

/** Waits until nobody waits for it any more. */
const wait = (onWaitEnd: () => void) =>
  tool('workflow_wait', {
    input: z.strictObject({}),
    output: z.object({ ended: z.boolean() }),
    async run(context) {
      context.progress(0, 1, 'waiting');
      await aborted(context);
      onWaitEnd();
      return { kind: 'done', structured: { ended: true }, text: 'ended' };
    },
  });

function aborted({ signal }: ToolContext): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve());
  });
}

const steps = tool('workflow_steps', {
  input: z.strictObject({ total: z.int() }),
  output: z.object({ done: z.int() }),
  async run(context, { total }) {
    console.log('this line must not reach the protocol');
    for (let done = 1; done <= total; done++) {
      context.progress(done - 1, total, `[${done}/${total}] started`);
      context.progress(done, total, `[${done}/${total}] succeeded`);
    }
    return { kind: 'done', structured: { done: total }, text: 'done' };
  },
});

/** The catalogue; `onWaitEnd` hears when `workflow_wait` has stopped waiting. */
export function fakeTools(onWaitEnd: () => void = () => {}): readonly Tool[] {
  return [echo, fail, broken, unreadable, ask, askNested, wait(onWaitEnd), steps];
}

/** The MCP face reads nothing of it but its home. */
export const fakeBelay = (home: string): Belay => ({ home }) as Belay;
