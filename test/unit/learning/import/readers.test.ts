import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IMPORT_STEPS_MAX } from '../../../../src/engine/core/limits.ts';
import { readAtuinHistory } from '../../../../src/learning/import/atuin-history.ts';
import { readBashHistory } from '../../../../src/learning/import/bash-history.ts';
import { readClaudeTranscript } from '../../../../src/learning/import/claude-transcript.ts';
import { readCommandLines } from '../../../../src/learning/import/command-lines.ts';
import { detectKind } from '../../../../src/learning/import/detect-kind.ts';
import { readFishHistory } from '../../../../src/learning/import/fish-history.ts';
import { readGithubWorkflow } from '../../../../src/learning/import/github-workflow.ts';
import { readPackageScripts } from '../../../../src/learning/import/package-scripts.ts';
import type { ImportKind, Reading } from '../../../../src/learning/import/reading.ts';
import { SessionBuilder } from '../../../../src/learning/import/session-builder.ts';
import { readZshHistory } from '../../../../src/learning/import/zsh-history.ts';

const read = (kind: ImportKind, fill: (to: SessionBuilder) => void): Reading => {
  const to = new SessionBuilder(kind, `import:${kind}:test`);
  fill(to);
  return to.end();
};
const anyUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));
const bytes = (text: string): Uint8Array[] => text.split('\n').map((line) => Buffer.from(line));
const commandsOf = ({ sessions }: Reading): string[][] =>
  sessions.map(({ steps }) => steps.map(({ command }) => command));
const jsonLines = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row));

describe('shell histories', () => {
  test('bash: a command a line, sessions end where the text says so', () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => `make step-${i}`);
    const whole = read('bash', (to) => readBashHistory(lines, to));
    expect(commandsOf(whole).flat()).toEqual(lines);
    expect(whole.sessions.length).toBeGreaterThan(10);
    // the shell has dropped the oldest lines and added others: what is in between is known by the same keys
    const later = read('bash', (to) => readBashHistory([...lines.slice(500), 'make again'], to));
    const known = new Set(whole.sessions.map(({ key }) => key));
    const fresh = later.sessions.filter(({ key }) => !known.has(key));
    expect(fresh.length).toBeLessThanOrEqual(2);
  });

  test('bash: times mark commands of several lines, and a pause a new session', () => {
    const text = '#1700000000\ngit status\n#1700000005\nfor i in 1 2; do\n  echo $i\ndone\n#1700009999\nls';
    const reading = read('bash', (to) => readBashHistory(text.split('\n'), to));
    expect(commandsOf(reading)).toEqual([['git status', 'for i in 1 2; do\n  echo $i\ndone'], ['ls']]);
    expect(reading.sessions.map(({ at }) => at)).toEqual([1_700_000_000_000, 1_700_009_999_000]);
  });

  test('zsh: times, durations, commands over lines, metafied bytes', () => {
    const umlaut = Buffer.concat([
      Buffer.from(': 1700000003:0;echo '),
      // ü is C3 BC; zsh writes bytes from 83 to A2, here those of ’ (E2 80 99), as 83 and the byte xor 20
      Buffer.from([0xc3, 0xbc, 0xe2, 0x80, 0x83, 0x99 ^ 0x20]),
    ]);
    const lines = [
      ...bytes(': 1700000000:12;npm test\n: 1700000001:0;echo a\\\nb\n'),
      umlaut,
      Buffer.from('plain'),
    ];
    const { sessions } = read('zsh', (to) => readZshHistory(lines, to));
    expect(sessions[0]?.steps).toMatchObject([
      { command: 'npm test', durationMs: 12_000 },
      { command: 'echo a\nb' },
      { command: 'echo ü’' },
      { command: 'plain' },
    ]);
  });

  test('fish: escapes, times, paths', () => {
    const text =
      '- cmd: echo a\\\\nb\n  when: 1700000000\n- cmd: for x in 1\\necho $x\\nend\n  when: 1700000001\n  paths:\n    - src';
    const reading = read('fish', (to) => readFishHistory(text.split('\n'), to));
    expect(commandsOf(reading)).toEqual([['echo a\\nb', 'for x in 1\necho $x\nend']]);
  });

  test('atuin: a session for each shell, with what is known of each command', () => {
    const row = { duration: 5_000_000, exit: 0, cwd: '/srv', session: 'a', timestamp: 1.7e18 };
    const reading = read('atuin', (to) =>
      readAtuinHistory(
        [
          { ...row, command: 'git pull' },
          { ...row, command: 'top', session: 'b', duration: -1, exit: -1 },
          { ...row, command: 'make', exit: 2, timestamp: 1.7e18 + 1e9 },
        ],
        to,
      ),
    );
    expect(commandsOf(reading)).toEqual([['git pull', 'make'], ['top']]);
    expect(reading.sessions[0]?.steps[1]).toMatchObject({ exitCode: 2, durationMs: 5, place: '/srv' });
    expect(reading.sessions[1]?.steps[0]?.exitCode).toBeUndefined();
  });
});

describe('Claude Code transcripts', () => {
  const at = (second: number): string => new Date(1_700_000_000_000 + second * 1_000).toISOString();
  const user = (content: unknown, second: number, more: object = {}) => ({
    type: 'user',
    sessionId: 's',
    timestamp: at(second),
    message: { role: 'user', content },
    ...more,
  });
  const call = (id: string, command: string, second: number, more: object = {}) => ({
    type: 'assistant',
    sessionId: 's',
    cwd: '/srv/app',
    timestamp: at(second),
    message: {
      role: 'assistant',
      content: [{ type: 'tool_use', id, name: 'Bash', input: { command, description: `do ${command}` } }],
    },
    ...more,
  });
  const result = (id: string, content: string, isError: boolean, second: number, more: object = {}) =>
    user([{ type: 'tool_result', tool_use_id: id, content, is_error: isError }], second, more);

  test('commands with their words, place, goal and ending', () => {
    const lines = jsonLines([
      { type: 'summary', summary: 'x' },
      user('Fix the failing test of the parser', 0),
      call('a', 'npm test', 1),
      result('a', 'Exit code 3\nno', true, 4),
      call('b', 'git status', 5),
      result('b', 'clean', false, 6),
      call('side', 'rg parser', 6, { isSidechain: true }),
      user('go on', 7),
      call('c', 'rm -rf build', 8),
      result('c', "The user doesn't want to proceed with this tool use.", true, 9),
      call('d', 'sleep 100', 10),
      result('d', 'running', false, 11, { toolUseResult: { backgroundTaskId: 'x' } }),
      user('<command-name>/clear</command-name>', 12),
      user([{ type: 'text', text: 'Now publish the new release' }], 13),
      call('e', 'npm publish', 14),
    ]);
    const reading = read('claude', (to) => readClaudeTranscript([...lines, '{"type":', ''], to));
    const main = reading.sessions.filter(({ goal }) => goal !== undefined);
    expect(main).toMatchObject([
      {
        goal: 'Fix the failing test of the parser',
        project: '/srv/app',
        steps: [
          { command: 'npm test', exitCode: 3, durationMs: 3_000, intent: 'do npm test', place: '/srv/app' },
          { command: 'git status', exitCode: 0 },
          { command: 'sleep 100' },
        ],
      },
      { goal: 'Now publish the new release', steps: [{ command: 'npm publish' }] },
    ]);
    expect(main[0]?.steps[2]?.exitCode).toBeUndefined();
    expect(commandsOf(reading)).toContainEqual(['rg parser']);
    expect(reading.skipped).toEqual({ not_run: 1, broken: 1 });
  });
});

describe('files of projects', () => {
  test('GitHub Actions: the run scripts of each job, with the names of their steps', () => {
    const document = {
      name: 'CI',
      on: 'push',
      jobs: {
        test: {
          steps: [
            { uses: 'actions/checkout@v5' },
            { name: 'Install', run: 'npm ci\n# all of them\nnpm ls \\\n  --all', 'working-directory': 'app' },
            { run: 'cat > a <<E\nx\nE' },
          ],
        },
        odd: { steps: 'none' },
      },
    };
    const reading = read('github', (to) => readGithubWorkflow(document, to));
    expect(reading.sessions).toMatchObject([
      {
        goal: 'CI. test',
        steps: [
          { command: 'npm ci', intent: 'Install', place: 'app' },
          { command: 'npm ls --all' },
          { command: 'cat > a <<E\nx\nE' },
        ],
      },
    ]);
    expect(read('github', (to) => readGithubWorkflow([1], to)).skipped).toEqual({ broken: 1 });
  });

  test('package.json: how each script is called', () => {
    const document = {
      packageManager: 'pnpm@10.0.0',
      scripts: {
        test: 'vitest run',
        'lint:fix': 'biome check --write',
        preview: 'vite preview',
        pretest: 'x',
        odd: 1,
      },
    };
    const reading = read('package', (to) => readPackageScripts(document, '/srv/app', to));
    expect(commandsOf(reading)).toEqual([['pnpm test'], ['pnpm run lint:fix'], ['pnpm run preview']]);
    expect(reading.sessions[1]?.steps[0]?.intent).toBe('lint fix: biome check --write');
    expect(reading.skipped).toEqual({ broken: 1 });
  });

  test('JSON Lines: a session a line, or a command a line', () => {
    const rows = jsonLines([
      {
        session: 'x',
        ts: 1_700_000_000,
        intent: 'ship it',
        commands: ['a', 'b'],
        rc: [0, '1'],
        desc: ['one'],
        cwd: '/s',
      },
      { session: 'p', command: 'c', exit_code: 2, at: '2023-11-14T22:13:20Z', duration_ms: 7 },
      { session: 'p', command: 'd' },
      { session: 'q', command: 'e' },
      { command: 'f' },
      { commands: ['g'] },
      { command: 'h' },
    ]);
    const reading = read('lines', (to) => readCommandLines([...rows, 'no', '[]', '{"commands":[1]}'], to));
    expect(commandsOf(reading)).toEqual([['a', 'b'], ['c', 'd'], ['e'], ['f'], ['g'], ['h']]);
    expect(reading.sessions[0]).toMatchObject({ goal: 'ship it', at: 1_700_000_000_000, project: '/s' });
    expect(reading.sessions[0]?.steps).toMatchObject([{ exitCode: 0, intent: 'one' }, { exitCode: 1 }]);
    expect(reading.sessions[1]?.steps[0]).toMatchObject({ exitCode: 2, durationMs: 7 });
    expect(reading.skipped).toEqual({ broken: 3 });
  });
});

describe('bounds', () => {
  test('a command that is data is skipped, a long one is cut where no secret is cut', () => {
    const lines = [
      'x'.repeat(1_000_000),
      `echo ${'y '.repeat(2_030)} --password ${'hunter2'.repeat(30)}`,
      'a\0b',
    ];
    const reading = read('bash', (to) => readBashHistory(lines, to));
    expect(reading.skipped).toEqual({ too_long: 1, binary: 1 });
    const [step] = reading.sessions.flatMap(({ steps }) => steps);
    expect(step?.command.length).toBeLessThanOrEqual(4_096);
    expect(step?.command).not.toContain('hunter2');
  });

  test('of a long history the newest commands are held', () => {
    const size = 2 * IMPORT_STEPS_MAX + 10_000;
    function* lines(): Generator<string> {
      for (let i = 0; i < size; i += 1) yield `c${i}`;
    }
    const reading = read('bash', (to) => readBashHistory(lines(), to));
    expect(reading.commands).toBeLessThanOrEqual(IMPORT_STEPS_MAX);
    expect(reading.commands + (reading.skipped.old ?? 0)).toBe(size);
    expect(reading.sessions.at(-1)?.steps.at(-1)?.command).toBe(`c${size - 1}`);
  });

  test('any text is read, twice to the same sessions', () => {
    const texts = fc.oneof(
      fc.array(fc.string({ unit: anyUnit, maxLength: 40 }), { maxLength: 20 }),
      fc.array(
        fc.constantFrom(
          ': 1700000000:1;a\\',
          '#1700000000',
          '- cmd: x',
          '  when: 1',
          '{"commands":["a",{}]}',
          '{"type":"user"}',
          '{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Bash","input":{}}]}}',
          'ls',
        ),
        { maxLength: 20 },
      ),
    );
    const readers: readonly ((lines: string[], to: SessionBuilder) => void)[] = [
      readBashHistory,
      (lines, to) =>
        readZshHistory(
          lines.map((line) => Buffer.from(line)),
          to,
        ),
      readFishHistory,
      readClaudeTranscript,
      readCommandLines,
    ];
    fc.assert(
      fc.property(texts, fc.constantFrom(...readers), (lines, reader) => {
        const fill = (to: SessionBuilder): void => reader(lines, to);
        expect(read('lines', fill)).toEqual(read('lines', fill));
      }),
      { numRuns: 100 },
    );
  });
});

test.each<[string, string | Uint8Array, ImportKind | 'binary' | undefined]>([
  ['/h/.bash_history', 'ls\ncd', 'bash'],
  ['/h/copy', '#1700000000\nls', 'bash'],
  ['/h/.zsh_history', 'ls', 'zsh'],
  ['/h/old', ': 1700000000:0;ls', 'zsh'],
  ['/h/fish_history', '- cmd: ls', 'fish'],
  ['/h/history.db', 'SQLite format 3\0...', 'atuin'],
  ['/h/a.jsonl', '{"type":"user","sessionId":"s","message":{}}', 'claude'],
  ['/h/a.jsonl', `{"parentUuid":null,"sessionId":"s","x":"${'x'.repeat(5_000)}`, 'claude'],
  ['/h/a.jsonl', '{"commands":["ls"]}', 'lines'],
  ['/h/a.jsonl', '{"command":"ls"}', 'lines'],
  ['/h/a.jsonl', `{"session":"s","commands":["${'x'.repeat(5_000)}`, 'lines'],
  ['/p/package.json', '{\n"name":"x"}', 'package'],
  ['/p/.github/workflows/ci.yml', 'name: x', 'github'],
  ['/p/ci.yaml', 'on:\n  push:\njobs:\n  x:', 'github'],
  ['/p/README.md', '# Hello', undefined],
  ['/p/a.jsonl', '{"a":1}', undefined],
  ['/p/.bash_history', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]), 'binary'],
])('%s is told by its name and its beginning', (path, text, kind) => {
  expect(detectKind(path, Buffer.from(text))).toBe(kind);
});
