/** `belay artifacts`, `report`, `gc` and `schema report`: what runs have handed out, for people and for programs. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
  scratch.write(
    'build.yaml',
    `
name: build
checkpoints: false
inputs: { text: { default: hello } }
steps:
  - id: make
    command: mkdir -p dist && printf %s {{ inputs.text }} > dist/app.js
    outputs:
      bundle: { path: ./dist/app.js, tags: [web] }
      all: ./dist
`,
  );
});
afterEach(() => scratch.end());

async function build(): Promise<string> {
  const { status, answer } = await scratch.json('run', 'build.yaml');
  expect(status).toBe(0);
  return String(answer.run_id);
}

interface Listed {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly pinned: boolean;
}

const listed = async (...args: string[]) =>
  ((await scratch.json('artifacts', ...args)).answer as unknown as { readonly artifacts: readonly Listed[] })
    .artifacts;

test('artifacts are listed, of all, of a run, of a workflow', async () => {
  const first = await build();
  await build();
  const sha256 = createHash('sha256').update('hello').digest('hex');
  expect(await listed(first)).toMatchObject([
    { name: 'all', media_type: 'application/x-tar' },
    { name: 'bundle', size: 5, sha256, tags: ['web'], pinned: false },
  ]);
  expect((await listed()).map(({ name }) => name)).toEqual(['all', 'bundle', 'all', 'bundle']);
  expect(await listed('build', '--limit', '1')).toHaveLength(1);
  const { stdout } = await scratch.run('artifacts', first);
  expect(stdout).toMatch(/^bundle +r-\S+ +build +5 B +text\/javascript .* web$/m);
  const unknown = await scratch.run('artifacts', 'nobody');
  expect([unknown.status, unknown.stderr]).toEqual([
    2,
    expect.stringContaining('neither a run nor a workflow'),
  ]);
});

test('the end of a run names what it has handed out', async () => {
  const { stdout } = await scratch.run('run', 'build.yaml');
  expect(stdout).toMatch(/^artifacts \(belay artifacts get r-\S+ NAME\):\n {2}bundle: 5 B\n {2}all: /m);
});

test('an artifact is copied out, whole or not at all', async () => {
  const run = await build();
  const copied = await scratch.run('artifacts', 'get', run, 'bundle', '-o', 'copy.js');
  expect([copied.status, scratch.read('copy.js')]).toEqual([0, 'hello']);
  expect((await scratch.run('artifacts', 'get', run, 'bundle')).status).toBe(0);
  expect(scratch.read('app.js')).toBe('hello');
  const again = await scratch.run('artifacts', 'get', run, 'bundle');
  expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('is there already')]);
  const typo = await scratch.run('artifacts', 'get', run, 'bundel');
  expect([typo.status, typo.stderr]).toEqual([2, expect.stringContaining('did you mean `bundle`')]);
  spoil();
  const damaged = await scratch.run('artifacts', 'get', run, 'bundle', '-o', 'damaged.js');
  expect(damaged.stderr).toContain('is damaged');
  expect(damaged.status).not.toBe(0);
  expect(readdirSync(scratch.folder).filter((name) => /damaged|\.belay-/.test(name))).toEqual([]);
});

const objectPaths = (): readonly string[] => {
  const root = join(scratch.home, 'artifacts', 'objects');
  return readdirSync(root).flatMap((start) =>
    readdirSync(join(root, start)).map((rest) => join(root, start, rest)),
  );
};

/** Other bytes under the same name. */
function spoil(): void {
  for (const path of objectPaths()) {
    utimesSync(path, 1, 1);
    writeFileSync(`${path}.new`, 'other');
  }
  for (const path of objectPaths().filter((each) => each.endsWith('.new')))
    renameSync(path, path.replace(/\.new$/, ''));
}

test('what is pinned stays, what is removed goes with the next gc', async () => {
  const run = await build();
  for (const path of objectPaths()) utimesSync(path, 1, 1);
  expect((await scratch.run('artifacts', 'pin', run, 'bundle')).stdout).toContain('is pinned');
  const pinned = await scratch.run('artifacts', 'rm', run, 'bundle');
  expect([pinned.status, pinned.stderr]).toEqual([
    2,
    expect.stringContaining(`artifacts unpin ${run} bundle`),
  ]);
  const kept = await scratch.json('gc', '--artifact-count', '0');
  const artifacts = { artifacts: 1, objects: 1, left: { objects: 1, bytes: 5 } };
  expect(kept.answer).toMatchObject({ artifacts });
  expect(await listed(run)).toMatchObject([{ name: 'bundle', pinned: true }]);
  expect((await scratch.run('artifacts', 'unpin', run, 'bundle')).status).toBe(0);
  expect((await scratch.run('artifacts', 'rm', run, 'bundle')).stdout).toContain('belay gc frees 5 B');
  expect(await listed(run)).toEqual([]);
  const gone = await scratch.run('artifacts', 'get', run, 'bundle');
  expect([gone.status, gone.stderr]).toEqual([2, expect.stringContaining('is no longer stored')]);
  expect((await scratch.run('gc')).stdout).toContain(
    'removed 0 snapshots; 0 stay, 0 B\nremoved 0 artifacts and freed 5 B that no artifact needs any more; 0 B stay',
  );
  expect(objectPaths()).toEqual([]);
});

test('a later run reads the newest of a workflow', async () => {
  await build();
  scratch.write(
    'use.yaml',
    'name: use\ncheckpoints: false\ninputs: { app: { type: file, required: true } }\nsteps: [{ id: a, command: "cat {{ inputs.app }}", outputs: { text: "{{ stdout }}" } }]\n',
  );
  const { answer } = await scratch.json('run', 'use.yaml', '-i', 'app=artifact:build/bundle@latest');
  expect(answer).toMatchObject({ status: 'succeeded', steps: [{ outputs: { text: 'hello' } }] });
});

test('report is a page or a document, and its schema is published', async () => {
  const run = await build();
  expect((await scratch.run('report', run)).stdout).toMatch(/^# build 1: succeeded\n/);
  const { answer } = await scratch.json('report', run);
  expect(answer).toMatchObject({ report: 1, run_id: run, artifacts: [{ name: 'bundle' }, { name: 'all' }] });
  const schema = JSON.parse((await scratch.run('schema', 'report')).stdout) as {
    readonly required: readonly string[];
  };
  expect(schema.required.filter((name) => !(name in answer))).toEqual([]);
  const unknown = await scratch.run('report', 'r-none');
  expect(unknown.status).toBe(2);
  expect(existsSync(join(scratch.home, 'artifacts'))).toBe(true);
});
