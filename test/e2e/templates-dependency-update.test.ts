/**
 * The template `dependency-update` on real npm projects: two versions of a package, packed here, and no registry.
 * The promise under test: unless the update is kept, the project is byte for byte what it was.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunView } from '../../src/tools/run-view-schema.ts';
import { type Scratch, scratchBelay } from '../fixtures/scratch-belay.ts';
import { callForRun, runTemplate, stepOf } from './fixtures/run-template.ts';

let scratch: Scratch;
let temporary: string;
/** Installed once; each test gets a copy. */
let installed: string;
let project: string;
let count = 0;

const json = (file: string): { readonly [key: string]: unknown } => JSON.parse(readFileSync(file, 'utf8'));
const writeJson = (file: string, value: object): void => writeFileSync(file, JSON.stringify(value, null, 2));
const npm = (cwd: string, ...args: string[]): void => {
  execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund'], { cwd, stdio: 'pipe' });
};

/** A tarball of the package `shelf` that holds so many books. */
function packShelf(version: string, books: number): void {
  const folder = join(scratch.folder, `shelf-${version}`);
  mkdirSync(folder);
  writeJson(join(folder, 'package.json'), { name: 'shelf', version, main: 'books.js' });
  writeFileSync(join(folder, 'books.js'), `module.exports = ${books};\n`);
  npm(folder, 'pack', '--pack-destination', scratch.folder);
}

const update = (inputs: object): Promise<RunView> =>
  runTemplate(scratch, 'dependency-update', {
    project,
    package: 'shelf',
    to: `file:${join(scratch.folder, 'shelf-2.0.0.tgz')}`,
    ...inputs,
  });

/** Every file of the project with its bytes; links by where they lead. */
const contents = (): string =>
  execFileSync('sh', ['-c', 'find . -type l -printf "%p -> %l\\n" -o -type f -exec sha256sum {} + | sort'], {
    cwd: project,
    encoding: 'utf8',
  });

const books = (): string => readFileSync(join(project, 'node_modules/shelf/books.js'), 'utf8');

beforeAll(() => {
  scratch = scratchBelay();
  temporary = join(scratch.folder, 'tmp');
  mkdirSync(temporary);
  process.env.TMPDIR = temporary;
  packShelf('1.0.0', 3);
  packShelf('2.0.0', 5);
  installed = join(scratch.folder, 'installed');
  mkdirSync(installed);
  writeJson(join(installed, 'package.json'), {
    name: 'library',
    version: '1.0.0',
    scripts: { test: 'node test.js' },
    devDependencies: { shelf: 'file:../shelf-1.0.0.tgz' },
  });
  writeFileSync(join(installed, 'test.js'), "if (require('shelf') < 4) throw new Error('too few books');\n");
  npm(installed, 'install');
});

beforeEach(() => {
  project = join(scratch.folder, `-my 'project ${++count}`);
  cpSync(installed, project, { recursive: true, verbatimSymlinks: true });
  // what no `npm ci` would bring back
  writeFileSync(join(project, 'node_modules/patched.txt'), 'by hand');
});

afterEach(() => {
  // npm keeps compiled code there too
  const left = readdirSync(temporary).filter((name) => name !== 'node-compile-cache');
  expect(left, 'nothing is left behind').toEqual([]);
});

afterAll(() => {
  delete process.env.TMPDIR;
  scratch.close();
});

describe('kept', () => {
  it('when the tests pass with it', async () => {
    const view = await update({});
    expect(view).toMatchObject({
      status: 'succeeded',
      outputs: { kept: true, result: 'updated', from: '1.0.0', to: '2.0.0' },
      warnings: [],
    });
    expect(stepOf(view, 'restore')?.status).toBe('skipped');
    expect(books()).toContain('5');
    expect(json(join(project, 'package.json'))).toMatchObject({
      devDependencies: { shelf: 'file:../shelf-2.0.0.tgz' },
    });
  });

  it('when it is a folder, which npm links', async () => {
    const view = await update({ to: `file:${join(scratch.folder, 'shelf-2.0.0')}` });
    expect(view.outputs).toMatchObject({ kept: true, to: '2.0.0' });
    expect((await update({ test: 'false' })).outputs).toMatchObject({ kept: false, from: '2.0.0' });
  });
});

describe('put back', () => {
  it('when the tests fail', async () => {
    const before = contents();
    const view = await update({ test: `touch 'made by the test' && rm 'made by the test' && false` });
    expect(view).toMatchObject({
      status: 'succeeded',
      outputs: { kept: false, result: 'tests_failed', from: '1.0.0', to: '2.0.0' },
    });
    expect(stepOf(view, 'restore')?.status).toBe('succeeded');
    expect(contents()).toBe(before);
  });

  it('when the update fails', async () => {
    const before = contents();
    const view = await update({ to: 'file:../no-such-shelf.tgz' });
    expect(view.outputs).toMatchObject({ kept: false, result: 'update_failed', from: '1.0.0', to: '' });
    expect(stepOf(view, 'test')?.status).toBe('skipped');
    expect(contents()).toBe(before);
  });

  it('to no node_modules, when there were none', async () => {
    rmSync(join(project, 'node_modules'), { recursive: true });
    expect((await update({ test: 'false' })).outputs).toMatchObject({ kept: false });
    expect(existsSync(join(project, 'node_modules'))).toBe(false);
  });

  it('when the run is cancelled in the tests; resuming says where to start, and that works', async () => {
    const before = contents();
    const mended = join(scratch.folder, 'mended');
    const started = await callForRun(scratch, 'workflow_execute', {
      workflow: 'dependency-update',
      inputs: {
        project,
        package: 'shelf',
        to: 'file:../shelf-2.0.0.tgz',
        test: `touch started; while [ ! -e '${mended}' ]; do sleep 0.05; done; rm started; npm test`,
      },
      wait_seconds: 0,
    });
    const { run_id } = started;
    while (!existsSync(join(project, 'started')))
      await callForRun(scratch, 'workflow_status', { run_id, wait_seconds: 1 });
    const cancelled = await callForRun(scratch, 'workflow_cancel', { run_id, mode: 'immediate' });
    const ended = await callForRun(scratch, 'workflow_status', { run_id: cancelled.run_id });
    expect(ended.status).toBe('cancelled');
    rmSync(join(project, 'started'));
    expect(contents()).toBe(before);
    const resumed = await callForRun(scratch, 'workflow_resume', { run_id });
    expect(resumed.status).toBe('failed');
    expect(stepOf(resumed, 'test')?.log).toContain('resume it with from_step update');
    expect(contents()).toBe(before);
    mkdirSync(mended);
    const again = await callForRun(scratch, 'workflow_resume', { run_id, from_step: 'update' });
    expect(again.outputs).toMatchObject({ kept: true, to: '2.0.0' });
    expect(books()).toContain('5');
  });
});

describe('what cannot be put back', () => {
  it('is said, and the copy stays where the log says', async () => {
    const view = await update({ test: 'rm package.json && mkdir package.json && false' });
    expect(view.status).toBe('failed');
    const log = stepOf(view, 'leave-no-trace')?.log ?? '';
    const [, restore = ''] = /the project is not as it was: cd .* && sh (.*)/.exec(log) ?? [];
    rmSync(join(project, 'package.json'), { recursive: true });
    execFileSync('sh', [restore], { cwd: project });
    expect(json(join(project, 'package.json'))).toEqual(json(join(installed, 'package.json')));
    expect(books()).toContain('3');
    rmSync(dirname(restore), { recursive: true });
  });
});

describe('refused before anything changes', () => {
  it.each([
    ['a package that is only a dependency of others', { package: 'left-pad' }, 'left-pad is no dependency'],
    ['an option in place of a version', { to: '--force' }, undefined],
  ])('%s', async (_, inputs, message) => {
    const before = contents();
    if (message === undefined) await expect(update(inputs)).rejects.toThrow('must match');
    else {
      const view = await update(inputs);
      expect(view.status).toBe('failed');
      expect(stepOf(view, 'installed')?.log).toContain(message);
    }
    expect(contents()).toBe(before);
  });

  it('a project without package-lock.json, with workspaces, or with linked node_modules', async () => {
    rmSync(join(project, 'package-lock.json'));
    expect(stepOf(await update({}), 'installed')?.log).toContain('there is no package-lock.json in');
    cpSync(join(installed, 'package-lock.json'), join(project, 'package-lock.json'));
    writeJson(join(project, 'package.json'), { ...json(join(installed, 'package.json')), workspaces: ['a'] });
    expect(stepOf(await update({}), 'installed')?.log).toContain('workspaces');
    rmSync(join(project, 'node_modules'), { recursive: true });
    symlinkSync(join(installed, 'node_modules'), join(project, 'node_modules'));
    expect(stepOf(await update({}), 'installed')?.log).toContain('node_modules is a link');
  });
});
