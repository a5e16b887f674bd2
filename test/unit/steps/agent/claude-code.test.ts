/** The Claude Code command line, played by a program on the PATH: arguments, standard input, its JSON document. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { agentCall } from '../../../../src/steps/agent/agent-call.ts';
import { performAgent } from '../../../../src/steps/agent/perform-agent.ts';
import { claudeCodeStep } from '../../../../src/steps/claude-code.step.ts';
import { type FakeCall, fakeCall } from '../fake-call.ts';
import { type Fake, fakeContext } from '../fake-context.ts';
import { failureOf, fakeClock, outputsOf, scratchFolder, type Worked } from './at-work.ts';

const RESULT = {
  type: 'result',
  subtype: 'success',
  is_error: false,
  duration_ms: 1200,
  num_turns: 4,
  result: 'All done.',
  session_id: 'session-1',
  total_cost_usd: 0.25,
  usage: { input_tokens: 10, cache_creation_input_tokens: 20, cache_read_input_tokens: 30, output_tokens: 7 },
};

interface Seen {
  readonly args: readonly string[];
  readonly input: string;
  readonly env: { readonly [name: string]: string };
}

interface Played {
  readonly folder: string;
  readonly cwd: string;
  seen(): readonly Seen[];
  work(config: JsonObject, more?: Partial<Fake> & { readonly io?: FakeCall }): Promise<Worked>;
}

/** A `claude` that prints these documents, one each time; text is printed as it stands. */
function played(...documents: readonly unknown[]): Played {
  const folder = scratchFolder();
  const cwd = join(folder, 'work');
  mkdirSync(cwd);
  const program = join(folder, 'claude');
  const text = documents.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  writeFileSync(join(folder, 'documents.json'), JSON.stringify(text));
  writeFileSync(
    program,
    `#!${process.execPath}
    const fs = require('node:fs');
    const at = (name) => require('node:path').join(__dirname, name);
    const input = fs.readFileSync(0, 'utf8');
    const line = JSON.stringify({ args: process.argv.slice(2), input, env: process.env });
    fs.appendFileSync(at('seen'), line + '\\n');
    const times = fs.readFileSync(at('seen'), 'utf8').trim().split('\\n').length;
    const documents = JSON.parse(fs.readFileSync(at('documents.json'), 'utf8'));
    const document = documents[Math.min(times, documents.length) - 1];
    if (document === 'HANG') setInterval(() => {}, 1000);
    else { process.stdout.write(document); process.exitCode = document.includes('"is_error":true') ? 1 : 0; }
    `,
  );
  chmodSync(program, 0o755);
  return {
    folder,
    cwd,
    seen: () =>
      readFileSync(join(folder, 'seen'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Seen),
    async work(config, { io = fakeCall(), ...more } = {}) {
      const environment = { PATH: process.env.PATH!, OPENAI_API_KEY: 'never' };
      const context = fakeContext({ type: 'claude_code', config, cwd, environment, ...more });
      const fields = {
        ...(claudeCodeStep.schema.parse(config) as { prompt: string }),
        providers: ['claude_code'],
      };
      const call = agentCall(
        { ...context, which: (name) => (name === 'claude' ? program : undefined) },
        fields as Parameters<typeof agentCall>[1],
        { ANTHROPIC_API_KEY: 'sk-ant-secret' },
      );
      if (!call.ok) throw new Error(call.error.message);
      const clock = fakeClock();
      return { outcome: await performAgent(call.value, io, clock), io, clock };
    },
  };
}

/** The value of an option. */
const option = ({ args }: Seen, name: string): string | undefined => args[args.indexOf(name) + 1];

test('gets the prompt on its standard input, and its answer becomes the outputs', async () => {
  const claude = played(RESULT);
  writeFileSync(join(claude.cwd, 'notes.md'), '# Notes\n');
  const worked = await claude.work({ prompt: 'Sum it up; `rm -rf` $HOME', inputs: ['*.md'], model: 'opus' });
  expect(outputsOf(worked)).toEqual({
    text: 'All done.',
    usage: { input_tokens: 60, output_tokens: 7, cost: 0.25 },
    turns: 4,
    provider: 'claude_code',
    model: 'opus',
  });
  const [seen] = claude.seen();
  expect(seen?.args.slice(0, 4)).toEqual(['-p', '--output-format', 'json', '--max-turns']);
  expect(seen?.input).toContain('Sum it up; `rm -rf` $HOME');
  expect(seen?.input).toContain('# Notes');
  expect(seen?.args.join(' ')).not.toContain('Sum it up');
  expect(option(seen!, '--model')).toBe('opus');
  expect(seen?.env).toMatchObject({ ANTHROPIC_API_KEY: 'sk-ant-secret' });
  expect(seen?.env.OPENAI_API_KEY).toBeUndefined();
  expect(worked.io.written.text).toContain('All done.');
});

test.each([
  ['restricted', 'default', /^(?!.*Edit)/, /Bash/],
  ['standard', 'acceptEdits', /Edit,.*Bash\(npm test:\*\)/, /^(?!.*Bash).*WebFetch/],
  ['privileged', 'bypassPermissions', undefined, undefined],
] as const)('is told what %s allows', async (profile, mode, given, refused) => {
  const claude = played(RESULT);
  const allowed = profile === 'restricted' ? {} : { allow_commands: ['npm test'] };
  await claude.work({ prompt: 'p', security_profile: profile, max_cost: 2, ...allowed });
  const [seen] = claude.seen();
  expect(option(seen!, '--permission-mode')).toBe(mode);
  expect(option(seen!, '--max-budget-usd')).toBe('2');
  expect(seen?.args.includes('--allowedTools')).toBe(given !== undefined);
  if (given) expect(option(seen!, '--allowedTools')).toMatch(given);
  if (refused) expect(option(seen!, '--disallowedTools')).toMatch(refused);
});

describe('an answer by schema', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };

  test('is repaired once, in the same session', async () => {
    const claude = played({ ...RESULT, result: 'it is 3' }, { ...RESULT, result: '{"n": 3}' });
    const worked = await claude.work({ prompt: 'count', schema });
    expect(outputsOf(worked)).toMatchObject({ n: 3, turns: 8, usage: { cost: 0.5, output_tokens: 14 } });
    const [first, second] = claude.seen();
    expect(first?.args).not.toContain('--resume');
    expect(option(second!, '--resume')).toBe('session-1');
    expect(second?.input).toContain('does not fit');
  });

  test('that does not fit twice is a failure', async () => {
    const worked = await played({ ...RESULT, result: '{"n": "x"}' }).work({ prompt: 'count', schema });
    expect(failureOf(worked).code).toBe('schema_mismatch');
  });
});

test.each([
  ['an error', { ...RESULT, is_error: true, result: 'Invalid API key sk-ant-secret' }, 'agent_failed'],
  ['no JSON', 'Segmentation fault', 'agent_failed'],
  ['another document', { type: 'assistant' }, 'agent_failed'],
  ['too many turns', { ...RESULT, subtype: 'error_max_turns', is_error: true }, 'budget_exceeded'],
  ['too much money', { ...RESULT, subtype: 'error_max_budget_usd', is_error: true }, 'budget_exceeded'],
])('fails by what it prints: %s', async (_, document, code) => {
  const worked = await played(document).work({ prompt: 'p' });
  expect(failureOf(worked).code).toBe(code);
  expect(JSON.stringify(worked)).not.toContain('sk-ant-secret');
});

test('a list of all events ends with the result', async () => {
  const worked = await played([{ type: 'system' }, RESULT]).work({ prompt: 'p' });
  expect(outputsOf(worked)).toMatchObject({ text: 'All done.' });
});

test('ends with the call', async () => {
  const claude = played('HANG');
  const abort = new AbortController();
  const working = claude.work({ prompt: 'p' }, { io: fakeCall({ signal: abort.signal }) });
  await expect.poll(() => existsSync(join(claude.folder, 'seen')), { interval: 5 }).toBe(true);
  abort.abort(new Error('told to end'));
  await expect(working).rejects.toThrow('told to end');
});

test('is not asked twice by a host that finds it begun, unless that does no harm', async () => {
  const claude = played(RESULT);
  const begun = await claude.work({ prompt: 'p', security_profile: 'standard' });
  expect(begun.io.notes).toEqual([{ kind: 'claude_code' }]);
  const { notes } = begun.io;
  const again = await claude.work({ prompt: 'p', security_profile: 'standard' }, { notes });
  expect(failureOf(again)).toMatchObject({ code: 'interrupted', retry: 'final' });
  expect(outputsOf(await claude.work({ prompt: 'p' }, { notes }))).toMatchObject({ text: 'All done.' });
  expect(claude.seen()).toHaveLength(2);
});
