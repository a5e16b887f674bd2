/** Artifacts through whole runs: stored before the step has succeeded, named, given to later runs, taken away. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ARTIFACT_RETENTION, collectArtifacts } from '../../../src/tools/artifact-retention.ts';
import type { RunView } from '../../../src/tools/run-view-schema.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const DAY_MS = 86_400_000;

const run = async (definition: object, more: object = {}): Promise<RunView> =>
  viewOf(
    await scratch.call('workflow_execute', {
      definition: { name: 'test', checkpoints: false, ...definition },
      wait_seconds: 60,
      ...more,
    }),
  );

/** One step that writes a text and hands it out. */
const maker = (text: string, name = 'maker') => ({
  name,
  steps: [{ id: 'make', command: `printf %s '${text}' > out.txt`, outputs: { out: './out.txt' } }],
});

const readGiven = {
  name: 'reader',
  inputs: { file: { type: 'file', required: true } },
  steps: [
    {
      id: 'read',
      command: 'cat {{ inputs.file }}',
      outputs: { text: '{{ stdout }}', path: '{{ inputs.file }}' },
    },
  ],
};

const eventsOf = (runId: string) => {
  const read = scratch.belay.journal.read(runId);
  if (!read.ok) throw new Error(read.error.message);
  return read.value.map(({ event }) => event);
};

const objects = (): readonly string[] => {
  const folder = join(scratch.belay.home, 'artifacts', 'objects');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((start) => readdirSync(join(folder, start)).map((rest) => start + rest))
    .sort();
};

/** As if everything had been stored long ago. */
function age(): void {
  for (const each of objects())
    utimesSync(join(scratch.belay.home, 'artifacts', 'objects', each.slice(0, 2), each.slice(2)), 1, 1);
}

const collect = (more: object = {}, afterMs = 0) =>
  collectArtifacts(
    { ...scratch.belay, now: () => Date.now() + afterMs },
    { ...ARTIFACT_RETENTION, ...more },
    false,
  );

describe('a step hands out', () => {
  test('a file: the event carries it, the view shows it, the value stays the path', async () => {
    const view = await run({
      outputs: { where: '{{ steps.build.outputs.bundle }}' },
      steps: [
        {
          id: 'build',
          command: 'mkdir -p dist; printf hello > "dist/$N.js"',
          env: { N: 'app' },
          outputs: { bundle: { path: './dist/{{ "app" }}.js', tags: ['web'], media_type: 'text/x-mine' } },
        },
      ],
    });
    expect(view).toMatchObject({ status: 'succeeded', outputs: { where: './dist/app.js' } });
    const note = { name: 'bundle', sha256: sha256('hello'), size: 5, media_type: 'text/x-mine' };
    expect(view.artifacts).toEqual([
      {
        ...note,
        uri: `belay://runs/${view.run_id}/artifacts/bundle`,
        path: './dist/app.js',
        step: 'build',
        tags: ['web'],
      },
    ]);
    expect(eventsOf(view.run_id).find(({ type }) => type === 'step.succeeded')).toMatchObject({
      artifacts: [{ ...note, path: './dist/app.js', tags: ['web'] }],
    });
  });

  test('a file of its own directory, else of the run', async () => {
    const view = await run({
      steps: [
        {
          id: 'a',
          command: 'mkdir -p app; echo there > app/x; echo here > x; echo here > y',
        },
        { id: 'b', cwd: 'app', command: 'true', outputs: { x: './x', y: './y' } },
      ],
    });
    expect(view.artifacts.map(({ name, sha256: sum }) => [name, sum])).toEqual([
      ['x', sha256('there\n')],
      ['y', sha256('here\n')],
    ]);
  });

  test('files of one name under the names of their steps, those of a loop with their index', async () => {
    const view = await run({
      steps: [
        { id: 'a', command: 'echo a > a', outputs: { out: './a', only: './a' } },
        {
          id: 'b',
          foreach: [1, 2],
          command: 'echo {{ item }} > b{{ index }}',
          outputs: { out: './b{{ index }}' },
        },
      ],
    });
    expect(view.artifacts.map(({ name }) => name).sort()).toEqual(['a.out', 'b[0].out', 'b[1].out', 'only']);
  });

  test('a folder as tar, and says what was left out', async () => {
    const view = await run({
      steps: [{ id: 'a', command: 'mkdir d; echo 1 > d/one; ln -s /etc d/etc', outputs: { all: './d' } }],
    });
    expect(view.artifacts).toMatchObject([{ name: 'all', media_type: 'application/x-tar', files: 1 }]);
    expect(view.warnings.join()).toContain(
      '`etc` was left out: it is a link to `/etc`, outside of the folder',
    );
  });

  test('and the run as a whole does, last', async () => {
    const view = await run({
      outputs: { report: './report.txt' },
      steps: [{ id: 'a', command: 'echo all > report.txt' }],
    });
    expect(view).toMatchObject({ status: 'succeeded', outputs: { report: './report.txt' } });
    expect(view.artifacts).toMatchObject([{ name: 'report', sha256: sha256('all\n') }]);
    expect(view.artifacts[0]).not.toHaveProperty('step');
  });
});

describe('nothing is handed out', () => {
  test('where there is no such file: the step fails and names its neighbours', async () => {
    const view = await run({
      steps: [{ id: 'a', command: 'echo x > found.txt', outputs: { out: './lost.txt' } }],
    });
    expect(view).toMatchObject({ status: 'failed', artifacts: [] });
    expect(view.steps[0]).toMatchObject({
      status: 'failed',
      exit_code: 0,
      error: { code: 'artifact_missing', message: expect.stringContaining('`found.txt`') },
    });
  });

  test('from outside of the directories that the step works in', async () => {
    const view = await run({
      steps: [{ id: 'a', command: 'ln -s /etc/passwd x', outputs: { out: './x' } }],
    });
    expect(view.steps[0]?.error).toMatchObject({ code: 'artifact_refused' });
    expect(objects()).toEqual([]);
  });

  test('by a step that has failed', async () => {
    const view = await run({
      steps: [{ id: 'a', command: 'echo x > x; exit 3', outputs: { out: './x' } }],
    });
    expect(view.steps[0]?.error).toMatchObject({ code: 'exit' });
    expect(view.artifacts).toEqual([]);
  });

  test('by a run whose own file is missing: it fails', async () => {
    const view = await run({ outputs: { report: './none.txt' }, steps: [{ id: 'a', command: 'true' }] });
    expect(view).toMatchObject({ status: 'failed', reason: expect.stringContaining('none.txt') });
  });

  test('is retried where the policy says so', async () => {
    const view = await run({
      steps: [
        {
          id: 'a',
          command: 'if [ -e first ]; then echo x > x; fi; touch first',
          retry: { attempts: 2, delay: 0, on: ['artifact_missing'] },
          outputs: { out: './x' },
        },
      ],
    });
    expect(view).toMatchObject({
      status: 'succeeded',
      steps: [{ attempts: 2 }],
      artifacts: [{ name: 'out' }],
    });
  });
});

describe('a later run is given', () => {
  test('the newest of a workflow, as it was when the run was created', async () => {
    await run(maker('one'));
    const second = await run(maker('two'));
    const reader = await run(readGiven, { inputs: { file: 'artifact:maker/out@latest' } });
    expect(reader.steps[0]?.outputs).toMatchObject({ text: 'two' });
    const path = String(reader.steps[0]?.outputs?.path);
    expect(path.startsWith(join(scratch.belay.home, 'artifacts', 'given'))).toBe(true);
    expect(path.endsWith('/out.txt')).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o444);
    expect(eventsOf(reader.run_id)[0]).toMatchObject({
      given: [
        { input: 'file', reference: 'artifact:maker/out@latest', run: second.run_id, sha256: sha256('two') },
      ],
    });
  });

  test('that of one run; a copy that was spoilt is made anew', async () => {
    const first = await run(maker('one'));
    await run(maker('two'));
    const given = { inputs: { file: `artifact:${first.run_id}/out` } };
    const reader = await run(readGiven, given);
    expect(reader.steps[0]?.outputs).toMatchObject({ text: 'one' });
    const path = String(reader.steps[0]?.outputs?.path);
    await run({ steps: [{ id: 'spoil', command: `chmod u+w '${path}'; echo spoilt > '${path}'` }] });
    expect(readFileSync(path, 'utf8')).toBe('spoilt\n');
    expect((await run(readGiven, given)).steps[0]?.outputs).toMatchObject({ text: 'one' });
  });

  test('no artifact of a run that has failed by way of `@latest`', async () => {
    const { steps } = maker('bad');
    await run({ ...maker('good') });
    await run({ name: 'maker', steps: [...steps, { id: 'fail', command: 'exit 1' }] });
    const reader = await run(readGiven, { inputs: { file: 'artifact:maker/out@latest' } });
    expect(reader.steps[0]?.outputs).toMatchObject({ text: 'good' });
  });

  test.each([
    ['artifact:maker/uot@latest', 'unknown_artifact', 'did you mean `out`'],
    ['artifact:nobody/out@latest', 'unknown_artifact', 'no run of workflow `nobody`'],
    ['artifact:maker/out', 'invalid_input', 'expected `artifact:workflow/name@latest`'],
    ['artifact:', 'invalid_input', 'expected `artifact:workflow/name@latest`'],
  ])('nothing for %s, and no run begins', async (file, code, words) => {
    await run(maker('one'));
    const before = scratch.belay.journal.runIds('', 10).length;
    const answer = await scratch.call('workflow_execute', { definition: readGiven, inputs: { file } });
    expect(answer).toMatchObject({ kind: 'error', error: { code, message: expect.stringContaining(words) } });
    expect(scratch.belay.journal.runIds('', 10)).toHaveLength(before);
  });

  test('the first answer again for the same key, whatever is the latest now', async () => {
    await run(maker('one'));
    const call = () =>
      run(readGiven, { inputs: { file: 'artifact:maker/out@latest' }, idempotency_key: 'once' });
    const first = await call();
    await run(maker('two'));
    expect((await call()).run_id).toBe(first.run_id);
  });

  test('nothing by a dry run', async () => {
    await run(maker('one'));
    await run(readGiven, { inputs: { file: 'artifact:maker/out@latest' }, dry_run: true });
    expect(existsSync(join(scratch.belay.home, 'artifacts', 'given'))).toBe(false);
  });

  test('the same again where it is run again, whatever is the latest now', async () => {
    await run(maker('one'));
    const first = await run(readGiven, { inputs: { file: 'artifact:maker/out@latest' } });
    await run(maker('two'));
    const path = String(first.steps[0]?.outputs?.path);
    await run({ steps: [{ id: 'lose', command: `rm -f '${path}'` }] });
    const again = viewOf(await scratch.call('workflow_execute', { again: first.run_id, wait_seconds: 60 }));
    expect(again.steps[0]?.outputs).toMatchObject({ text: 'one', path });
    expect(eventsOf(again.run_id)[0]).toMatchObject({ given: [{ input: 'file', sha256: sha256('one') }] });
  });

  test('its copy again when it is resumed and the copy has gone', async () => {
    await run(maker('one'));
    const failing = {
      ...readGiven,
      steps: [...readGiven.steps, { id: 'gate', command: 'test -e open && cat {{ inputs.file }}' }],
    };
    const first = await run(failing, { inputs: { file: 'artifact:maker/out@latest' } });
    expect(first.status).toBe('failed');
    const path = String(first.steps[0]?.outputs?.path);
    await run({ steps: [{ id: 'lose', command: `rm -f '${path}'` }] });
    writeFileSync(join(scratch.folder, 'open'), '');
    const again = viewOf(await scratch.call('workflow_resume', { run_id: first.run_id, wait_seconds: 60 }));
    expect(again.status).toBe('succeeded');
  });
});

describe('retention', () => {
  test('lets go of what is too old, and of its bytes, unless it is pinned', async () => {
    const old = await run(maker('old'));
    const pinned = await run(maker('pinned'));
    scratch.belay.journal.artifacts.pin(pinned.run_id, 'out', true);
    age();
    expect(await collect({}, 31 * DAY_MS)).toMatchObject({
      artifacts: 1,
      objects: 1,
      left: { objects: 1, bytes: 6 },
    });
    expect(objects()).toEqual([sha256('pinned')]);
    expect(scratch.belay.journal.artifacts.find(old.run_id, 'out')).toBeUndefined();
  });

  test('keeps bytes that another artifact refers to', async () => {
    const first = await run(maker('same'));
    await run(maker('same', 'other'));
    scratch.belay.journal.artifacts.drop([{ runId: first.run_id, kind: 'made', name: 'out' }]);
    age();
    expect(await collect()).toMatchObject({ artifacts: 0, objects: 0 });
    expect(objects()).toEqual([sha256('same')]);
  });

  test.each([
    ['count', { count: 1 }],
    ['size', { bytes: 4 }],
  ])('goes by %s, the newest first', async (_, retention) => {
    await run(maker('one'));
    await run(maker('two'));
    age();
    expect(await collect(retention)).toMatchObject({ artifacts: 1, objects: 1 });
    expect(objects()).toEqual([sha256('two')]);
  });

  test('keeps what a run that has not finished has made', async () => {
    const view = await run({
      name: 'asking',
      steps: [...maker('live').steps, { id: 'ask', type: 'approval', message: 'go on?' }],
    });
    expect(view.status).toBe('waiting');
    age();
    expect(await collect({ count: 0 }, 100 * DAY_MS)).toMatchObject({ artifacts: 0, objects: 0 });
  });

  test('leaves alone what was stored just now: its event may be on the way', async () => {
    const { run_id } = await run(maker('new'));
    scratch.belay.journal.artifacts.drop([{ runId: run_id, kind: 'made', name: 'out' }]);
    expect(await collect()).toMatchObject({ objects: 0 });
    age();
    expect(await collect()).toMatchObject({ objects: 1 });
    expect(objects()).toEqual([]);
  });

  test('only says what it would do in a dry run', async () => {
    await run(maker('old'));
    age();
    const keeper = { ...scratch.belay, now: () => Date.now() + 31 * DAY_MS };
    expect(await collectArtifacts(keeper, ARTIFACT_RETENTION, true)).toMatchObject({
      artifacts: 1,
      objects: 1,
    });
    expect(objects()).toEqual([sha256('old')]);
  });

  test('removes the copies that no run was given any more', async () => {
    await run(maker('one'));
    const reader = await run(readGiven, { inputs: { file: 'artifact:maker/out@latest' } });
    const path = String(reader.steps[0]?.outputs?.path);
    age();
    utimesSync(path, 1, 1);
    await collect();
    expect(existsSync(path)).toBe(true);
    await collect({}, 31 * DAY_MS);
    expect(existsSync(path)).toBe(false);
  });
});

test('the index is made anew from the journal', async () => {
  const { projectRun } = await import('../../../src/cli/project-run.ts');
  await run(maker('one'));
  const before = scratch.belay.journal.artifacts.all();
  expect(before).toHaveLength(1);
  scratch.belay.journal.artifacts.drop(before);
  expect(scratch.belay.journal.artifacts.all()).toEqual([]);
  scratch.belay.journal.rebuild(projectRun);
  expect(scratch.belay.journal.artifacts.all()).toMatchObject(before.map(({ at: _, ...row }) => row));
});
