/** Kept results through the real program: runs in several processes, the command `cache`, and `--no-cache`. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Ended, type Running, Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
  scratch.write(
    'build.yaml',
    `
name: build
checkpoints: false
steps:
  - id: make
    command: |
      echo run >> count
      until [ -e go ]; do sleep 0.02; done
      mkdir -p out && echo built > out/app && chmod 750 out/app && echo said
    outputs: { word: "{{ trim(stdout) }}" }
    cache: { paths: [out], tags: [nightly] }
`,
  );
});
afterEach(() => scratch.end());

const statusOf = (json: string): string =>
  (JSON.parse(json) as { readonly steps: readonly { readonly status: string }[] }).steps[0]!.status;

/** Performed so often. */
const count = (): number => scratch.read('count').split('\n').length - 1;

/** Looks again and again until the first performance has begun; a program that ends before says why. */
async function begun(...programs: readonly Running[]): Promise<void> {
  let early: Ended | undefined;
  for (const { ended } of programs) void ended.then((each) => (early ??= each));
  while (!existsSync(join(scratch.folder, 'count'))) {
    if (early) throw new Error(`it ended before it began: ${early.stdout}${early.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('of two processes that want the same one performs it', async () => {
  const both = [1, 2].map(() => scratch.start('run', 'build.yaml', '--json'));
  await begun(...both);
  scratch.write('go', '');
  const ended = await Promise.all(both.map((each) => each.ended));
  expect(ended.map(({ status }) => status)).toEqual([0, 0]);
  expect(ended.map(({ stdout }) => statusOf(stdout)).sort()).toEqual(['cached', 'succeeded']);
  expect(count()).toBe(1);
});

test('a host that is killed while it performs leaves it to the next, which performs nothing twice', async () => {
  const first = scratch.start('run', 'build.yaml', '--json');
  await begun(first);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = scratch.start('run', 'build.yaml', '--json');
  scratch.write('go', '');
  const { status, stdout } = await second.ended;
  expect([status, statusOf(stdout)]).toEqual([0, 'cached']);
  expect(count()).toBe(1);
}, 60_000);

test('files come back, and people see, use and remove what is kept', async () => {
  scratch.write('go', '');
  const first = await scratch.json('run', 'build.yaml');
  rmSync(join(scratch.folder, 'out'), { recursive: true });
  const lines = await scratch.run('run', 'build.yaml');
  expect(lines.stdout).toContain(`make … cached: as in run ${first.answer.run_id}`);
  expect(scratch.read('out/app')).toBe('built\n');
  const again = await scratch.json('run', 'build.yaml', '--no-cache');
  expect(again.answer.steps).toMatchObject([{ status: 'succeeded' }]);
  expect(count()).toBe(2);

  expect((await scratch.run('cache', 'ls')).stdout).toMatch(/^[0-9a-f]{12} +build +make +project +1 +1 /m);
  expect((await scratch.run('cache', 'ls', '--tag', 'other')).stdout).toContain('no results are kept');
  const { answer } = await scratch.json('cache', 'ls', '--workflow', 'build');
  expect(answer).toMatchObject({
    results: [{ step: 'make', tags: ['nightly'], hits: 1, files: 1, from_run: first.answer.run_id }],
  });
  expect((await scratch.json('cache', 'stats')).answer).toMatchObject({ entries: 1, hits: 1, misses: 1 });
  expect((await scratch.json('gc', '--dry-run')).answer).not.toHaveProperty('results');
  expect((await scratch.run('gc')).stdout).toContain('removed 0 kept results');
  const wrong = await scratch.run('cache', 'rm');
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('expected keys')]);
  expect((await scratch.run('cache', 'rm', 'nonsense')).status).toBe(2);
  expect((await scratch.json('cache', 'rm', '--tag', 'nightly')).answer).toEqual({ removed: 1 });
  expect((await scratch.json('run', 'build.yaml')).answer.steps).toMatchObject([{ status: 'succeeded' }]);
  expect(count()).toBe(3);
  expect((await scratch.json('gc', '--cache-size', '0B')).answer).toMatchObject({ results: 1 });
  expect((await scratch.json('cache', 'ls')).answer).toEqual({ results: [] });
});
