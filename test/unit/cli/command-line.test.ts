/** The command line over fake tools: what reaches a tool, what is printed, which exit code comes out. */

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commandLine } from '../../../src/cli/command-line.ts';
import type { ToolAnswer } from '../../../src/tools/tool.ts';
import { answered, fakeTool } from './fake-tool.ts';
import { fakeWorld } from './fake-world.ts';

const list = (answer: ToolAnswer) =>
  fakeTool('workflow_list', { query: z.string().optional(), limit: z.int().max(200).optional() }, answer);
const empty = { workflows: [] };
const refused = (code: string): ToolAnswer => ({
  kind: 'error',
  error: {
    code,
    message: 'it is `so`',
    hint: 'workflow_list shows it',
    next: [{ tool: 'workflow_list', arguments: {}, why: 'look' }],
  },
});

describe('printing', () => {
  test('--json is the structured answer and nothing else, wherever the flag stands', async () => {
    for (const argv of [
      ['list', '--json'],
      ['--json', 'list'],
    ]) {
      const world = fakeWorld({ tools: [list(answered(empty))] });
      expect(await commandLine(argv, world)).toBe(0);
      expect(JSON.parse(world.terminal.written.out)).toEqual(empty);
      expect(world.terminal.written.err).toBe('');
    }
  });

  test('an error is one document with --json', async () => {
    const world = fakeWorld({ tools: [list(refused('unknown_workflow'))] });
    expect(await commandLine(['list', '--json'], world)).toBe(2);
    const { error } = JSON.parse(world.terminal.written.out);
    expect(error).toMatchObject({
      code: 'unknown_workflow',
      message: 'it is `so`',
      hint: 'workflow_list shows it',
    });
    expect(world.terminal.written.err).toBe('');
  });

  test('an error is for people on stderr, in the words of the command line', async () => {
    const world = fakeWorld({ tools: [list(refused('unknown_workflow'))] });
    expect(await commandLine(['list'], world)).toBe(2);
    expect(world.terminal.written).toEqual({
      out: '',
      err: 'error: it is `so`\n  hint: belay list shows it\n  next: belay list (look)\n',
    });
  });

  test('a bug has its own exit code', async () => {
    const broken = { ...list(answered(empty)), run: () => Promise.reject(new TypeError('oops')) };
    const world = fakeWorld({ tools: [broken] });
    expect(await commandLine(['list'], world)).toBe(70);
    expect(world.terminal.written.err).toContain('bug in Belay');
  });
});

describe('wrong usage', () => {
  test.each([
    [['lst'], 'unknown command `lst`', 'did you mean `list`?'],
    [['list', '--limt', '3'], 'unknown option `--limt`', 'did you mean `--limit`?'],
    [['list', '--limit', 'many'], 'is invalid. Expected a whole number', 'belay list --help'],
    [['status'], 'missing required argument `run`', 'belay status --help'],
    [['list', 'a', 'b'], 'too many arguments', 'belay list --help'],
    [
      ['list', '--limit', '999'],
      'argument `limit`: found number 999, expected at most 200',
      '`workflow_list` takes',
    ],
  ])('%j is refused with 2', async (argv, message, hint) => {
    const world = fakeWorld({ tools: [list(answered(empty))] });
    expect(await commandLine([...argv, '--json'], world)).toBe(2);
    const { error } = JSON.parse(world.terminal.written.out);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  test('no command at all shows the help and is wrong usage', async () => {
    const world = fakeWorld();
    expect(await commandLine([], world)).toBe(2);
    expect(world.terminal.written.err).toContain('Usage: belay');
  });

  test.each([['--help'], ['run', '--help'], ['help', 'run'], ['--version']])(
    '%s %s is done',
    async (...argv) => {
      const world = fakeWorld();
      expect(await commandLine(argv, world)).toBe(0);
      expect(world.terminal.written.out).not.toBe('');
      expect(world.terminal.written.err).toBe('');
      expect(world.opened).toEqual([]);
    },
  );
});

describe('the data folder', () => {
  test('global options reach it', async () => {
    const world = fakeWorld({ tools: [list(answered(empty))] });
    await commandLine(['list', '--home', '/h', '--workflows', '/w'], world);
    expect(world.opened).toEqual([{ cwd: '/project', drive: false, home: '/h', workflows: '/w' }]);
    expect(world.closed).toHaveLength(1);
  });

  test('one that cannot be used is one clear line and exit code 2', async () => {
    const problem = { code: 'newer_version', message: 'format 9', hint: 'upgrade belay' } as const;
    const world = fakeWorld({ tools: [list(answered(empty))], problem });
    expect(await commandLine(['list'], world)).toBe(2);
    expect(world.terminal.written.err).toBe('error: format 9\n  hint: upgrade belay\n');
  });

  test('runs that still move when a command ends get a background host', async () => {
    const status = fakeTool('workflow_status', { run_id: z.string() }, refused('unknown_run'));
    for (const [active, hosts] of [
      [0, []],
      [2, ['/home/belay']],
    ] as const) {
      const world = fakeWorld({ tools: [status], belay: { host: { active } } });
      await commandLine(['status', 'r-1'], world);
      expect(world.hosts).toEqual(hosts);
    }
  });
});

describe('asking', () => {
  const asking: ToolAnswer = {
    kind: 'ask',
    asks: [
      {
        id: 'inputs',
        message: 'Which?',
        schema: { properties: { n: { type: 'integer' } }, required: ['n'] },
      },
    ],
    state: {},
    otherwise: refused('invalid_input') as Extract<ToolAnswer, { kind: 'error' }>,
  };
  const tool = () => fakeTool('workflow_list', {}, asking, answered(empty));

  test('a person on the terminal fills in the form, and counts as one', async () => {
    const asks = tool();
    const world = fakeWorld({ tools: [asks], lines: ['7'] });
    expect(await commandLine(['list'], world)).toBe(0);
    expect(asks.calls[1]?.responses).toEqual({ inputs: { action: 'accept', content: { n: 7 } } });
    expect(asks.calls[1]?.context.human).toBe(true);
  });

  test('leaving the form cancels it', async () => {
    const asks = tool();
    await commandLine(['list'], fakeWorld({ tools: [asks], lines: [] }));
    expect(asks.calls[1]?.responses).toEqual({ inputs: { action: 'cancel' } });
  });

  test('without a terminal nobody is asked and nobody is human', async () => {
    const asks = tool();
    const world = fakeWorld({ tools: [asks] });
    expect(await commandLine(['list'], world)).toBe(2);
    expect(asks.calls.map(({ context }) => context.human)).toEqual([false]);
    expect(world.terminal.written.err).not.toContain('Which?');
  });
});

describe('validate', () => {
  const diagnostic = {
    severity: 'error',
    code: 'cycle',
    message: 'a needs a',
    path: 'steps[0]',
    line: 3,
    column: 5,
  };
  const validate = (valid: boolean) =>
    fakeTool(
      'workflow_validate',
      { workflow: z.string() },
      answered({ valid, level: 'standard', diagnostics: valid ? [] : [diagnostic], checks: [] }),
    );

  test('an invalid workflow is exit code 2, with its place', async () => {
    const world = fakeWorld({ tools: [validate(false)] });
    expect(await commandLine(['validate', 'build'], world)).toBe(2);
    expect(world.terminal.written.out).toContain('build:3:5: error cycle: a needs a\n');
  });

  test('several give one list, each with its target', async () => {
    const world = fakeWorld({ tools: [validate(true)] });
    expect(await commandLine(['validate', 'a', 'b', '--json'], world)).toBe(0);
    const answers = JSON.parse(world.terminal.written.out) as { target: string }[];
    expect(answers.map((each) => each.target)).toEqual(['a', 'b']);
  });
});

describe('answer', () => {
  const question = (asked_of: string) => ({
    question_id: 'q1',
    asked_of,
    prompt: 'Go?',
    schema: { properties: { approved: { type: 'boolean' } }, required: ['approved'] },
  });
  const view = {
    run_id: 'r-1',
    workflow: 'w',
    status: 'running',
    progress: { done: 0, total: 1 },
    steps: [],
  };
  const rest = { outputs: {}, artifacts: [], warnings: [], next: [], questions: [] };
  const tools = (asked_of: string) => {
    const status = { ...view, ...rest, questions: [question(asked_of)] };
    const answer = fakeTool(
      'workflow_answer',
      { run_id: z.string(), question_id: z.string(), answer: z.json() },
      answered({ ...view, ...rest }),
    );
    return { answer, all: [fakeTool('workflow_status', { run_id: z.string() }, answered(status)), answer] };
  };
  const given = (asked: ReturnType<typeof tools>) => asked.answer.calls.map(({ input }) => input.answer);

  test('words, JSON or the form give the answer', async () => {
    for (const [words, lines] of [
      [['yes'], undefined],
      [['--json-answer', '{"approved":true}'], undefined],
      [[], ['y']],
    ] as const) {
      const asked = tools('agent');
      const world = fakeWorld({ tools: asked.all, ...(lines && { lines }) });
      expect(await commandLine(['answer', 'r-1', 'q1', ...words], world)).toBe(0);
      expect(given(asked)).toEqual([{ approved: true }]);
      expect(world.hosts).toHaveLength(1);
    }
  });

  test("a person's question needs a terminal: exit code 3", async () => {
    const asked = tools('human');
    const world = fakeWorld({ tools: asked.all });
    expect(await commandLine(['answer', 'r-1', 'q1'], world)).toBe(3);
    expect(world.terminal.written.err).toContain('there is no terminal here');
    expect(given(asked)).toEqual([]);
  });

  test('leaving the form answers nothing: exit code 3', async () => {
    const asked = tools('human');
    expect(await commandLine(['answer', 'r-1', 'q1'], fakeWorld({ tools: asked.all, lines: [] }))).toBe(3);
    expect(given(asked)).toEqual([]);
  });

  test.each([
    [['yes', '--json-answer', 'true'], 'given twice'],
    [['--json-answer', '{'], 'is not JSON'],
    [[], 'the answer is missing'],
    [['yes', '--claim'], 'beside an option that needs none'],
    [['yes', '--lease', '5'], '--lease stands alone'],
  ])('%j is refused', async (words, message) => {
    const asked = tools('agent');
    const world = fakeWorld({ tools: asked.all });
    expect(await commandLine(['answer', 'r-1', 'q1', ...words], world)).toBe(2);
    expect(world.terminal.written.err).toContain(message);
    expect(given(asked)).toEqual([]);
  });
});
