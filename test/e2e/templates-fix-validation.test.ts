/** The template `fix-validation` on real repositories made here: every verdict, hostile names, what stays behind. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunView } from '../../src/tools/run-view-schema.ts';
import { type Scratch, scratchBelay } from '../fixtures/scratch-belay.ts';
import { type GitRepository, gitRepository } from './fixtures/git-repository.ts';
import { callForRun, runTemplate, stepOf } from './fixtures/run-template.ts';

let scratch: Scratch;
let temporary: string;
let repository: GitRepository;

/** A suite in TAP: one line for each thing that the shop must do. */
const SUITE = `
fails=0
check() { if grep -qx "$1" shop.txt; then echo "ok - $1"; else echo "not ok - $1"; fails=1; fi; }
check 'adds up'
check 'takes 404 for an answer'
exit $fails
`;
const BOTH = 'adds up\ntakes 404 for an answer\n';

const validate = (inputs: object): Promise<RunView> =>
  runTemplate(scratch, 'fix-validation', {
    repository: repository.path,
    test: 'sh suite.sh',
    report: 'report',
    ...inputs,
  });

const report = (view: RunView): { readonly [key: string]: unknown } =>
  JSON.parse(readFileSync(join(String(view.outputs.report), 'report.json'), 'utf8'));

beforeAll(() => {
  scratch = scratchBelay();
  temporary = join(scratch.folder, 'tmp');
  mkdirSync(temporary);
  process.env.TMPDIR = temporary;
  repository = gitRepository(join(scratch.folder, "the shop's repository"));
  const commit = (tag: string, shop: string, suite = SUITE) => {
    repository.commit(tag, { 'shop.txt': shop, 'suite.sh': suite });
    repository.git('tag', tag);
  };
  commit('both', BOTH);
  commit('no-sum', 'takes 404 for an answer\n');
  commit('no-404', 'adds up\n');
  commit('nothing', '');
  commit('no-suite', BOTH, 'syntax error (');
});

afterAll(() => {
  delete process.env.TMPDIR;
  scratch.close();
});

describe('verdicts', () => {
  it.each([
    ['no-sum', 'both', 'FIXED', 1, 0],
    ['both', 'no-sum', 'REGRESSED', 0, 1],
    ['no-sum', 'nothing', 'STILL_FAILING', 1, 1],
    ['no-sum', 'no-404', 'NEW_ISSUE', 1, 1],
    ['both', 'both', 'UNCHANGED', 0, 0],
  ])('from %s to %s: %s', async (before, after, verdict, codeBefore, codeAfter) => {
    const view = await validate({ before, after });
    expect(view).toMatchObject({ status: 'succeeded', outputs: { verdict }, warnings: [] });
    expect(report(view)).toMatchObject({
      verdict,
      before: { commit: repository.git('rev-parse', before), exit_code: codeBefore },
      after: { commit: repository.git('rev-parse', after), exit_code: codeAfter },
    });
    const page = readFileSync(join(String(view.outputs.report), 'report.md'), 'utf8');
    expect(page).toContain(`# Fix validation: ${verdict}\n`);
  });

  it('names the tests that failed', async () => {
    const view = await validate({ before: 'nothing', after: 'no-404' });
    expect(report(view)).toMatchObject({
      before: { failures: ['adds up', 'takes 404 for an answer'] },
      after: { failures: ['takes 404 for an answer'] },
    });
  });

  it.each([
    ['errors without names of tests', 'echo "TypeError: $(cat shop.txt | head -n 1)"; exit 1', 'NEW_ISSUE'],
    ['the same error at another line', 'echo "RangeError at 1$(wc -c < shop.txt)"; exit 1', 'STILL_FAILING'],
    ['two silent failures', 'exit $(wc -l < shop.txt)', 'STILL_FAILING'],
    ['a group that fails by another test', tapGroup('$(cat shop.txt)'), 'NEW_ISSUE'],
  ])('%s', async (_, test, verdict) => {
    expect((await validate({ before: 'no-404', after: 'no-sum', test })).outputs).toMatchObject({ verdict });
  });
});

/** Nested TAP: the group is reported after its test, and by the same name each time. */
function tapGroup(name: string): string {
  return `printf '    not ok 1 - %s\\nnot ok 1 - all of the shop\\n' "${name}"; exit 1`;
}

/** What runners print of failures, and the name that each must give; '' for lines that name none. */
const PRINTED: readonly (readonly [line: string, name: string])[] = [
  ['not ok 7 - tap', 'tap'],
  ['not ok 8 - known # todo later', ''],
  ['\u2716 node:test with 2 carts (1.25ms)', 'node:test with 2 carts'],
  ['   \u00d7 vitest > deep 12ms', 'vitest > deep'],
  ['jest names its group first', ''],
  ['\u001b[31m  \u2715 jest in colour (5 ms)\u001b[39m', 'jest in colour'],
  ['  \u2714 another group', ''],
  ['  \u2716 node:test inside', 'node:test inside'],
  ['\u2716 the group around it', ''],
  ['FAILED tests/test_cart.py::test_sum - assert 1 == 2', 'tests/test_cart.py::test_sum'],
  ['FAIL: test_sum (cart.CartTest)', 'test_sum (cart.CartTest)'],
  ['--- FAIL: TestCart (0.00s)', ''],
  ['    --- FAIL: TestCart/sum (0.00s)', 'TestCart/sum'],
  ['test cart::sums ... FAILED', 'cart::sums'],
  ['CartTest > sums() FAILED', 'CartTest > sums()'],
  ['BUILD FAILED', ''],
  ['  1) mocha sums', 'mocha sums'],
  ['  1 failing', ''],
  ['  1) mocha', ''],
  ['\u2716 failing tests:', ''],
  ['make: *** [Makefile:2: test] Error 1', ''],
];

it('knows how runners print failures', async () => {
  repository.commit('runners', { 'printed.txt': `${PRINTED.map(([line]) => line).join('\n')}\n` });
  const view = await validate({ before: 'HEAD', test: 'cat printed.txt; exit 1' });
  const names = PRINTED.map(([, name]) => name).filter((name) => name !== '');
  expect(report(view)).toMatchObject({ verdict: 'STILL_FAILING', before: { failures: names } });
});

describe('what it touches', () => {
  it('only reads the repository and leaves no clone', async () => {
    const before = execFileSync('find', [repository.path, '-printf', '%p %T@ %s\n']);
    await validate({ before: 'no-sum', after: 'both', test: 'touch made; chmod -w .; sh suite.sh' });
    expect(execFileSync('find', [repository.path, '-printf', '%p %T@ %s\n'])).toEqual(before);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('takes names with spaces, quotes and leading dashes, and writes over its own report', async () => {
    const inputs = { before: 'no-sum', after: 'both', report: "-r e'port" };
    await validate({ before: 'both', after: 'both', report: inputs.report });
    expect(report(await validate(inputs))).toMatchObject({ verdict: 'FIXED' });
    expect(readdirSync(join(scratch.folder, inputs.report)).sort()).toEqual(['report.json', 'report.md']);
  });

  it('reads a shallow clone, a worktree and a commit that no branch has', async () => {
    const shallow = join(scratch.folder, 'shallow');
    execFileSync(
      'git',
      ['clone', '-q', '--depth=2', '--branch=no-suite', `file://${repository.path}`, shallow],
      {
        stdio: 'pipe',
      },
    );
    expect(
      (await validate({ repository: shallow, before: 'HEAD~1', after: 'HEAD', test: 'test -s shop.txt' }))
        .outputs,
    ).toMatchObject({ verdict: 'FIXED' });
    const worktree = join(scratch.folder, 'worktree');
    repository.git('worktree', 'add', '--quiet', '--detach', worktree, 'no-sum');
    execFileSync('git', ['-C', worktree, 'commit', '-q', '--allow-empty', '-m', 'on no branch']);
    const lonely = execFileSync('git', ['-C', worktree, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
    repository.git('worktree', 'remove', worktree);
    expect((await validate({ before: lonely, after: 'both' })).outputs).toMatchObject({ verdict: 'FIXED' });
  });
});

describe('what goes wrong', () => {
  it.each([
    ['no-such-tag', 'revision no-such-tag is not in the repository'],
    ['--output=x', 'revision --output=x is not in the repository'],
  ])('an unknown revision: %s', async (before, message) => {
    const view = await validate({ before });
    expect(view.status).toBe('failed');
    expect(stepOf(view, 'revisions')?.log).toContain(message);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('a folder without a repository', async () => {
    const view = await validate({ repository: temporary, before: 'both' });
    expect(stepOf(view, 'revisions')).toMatchObject({ status: 'failed' });
    expect(stepOf(view, 'revisions')?.log).toContain('not a git repository');
  });

  it('a setup that fails is no verdict, and the run resumes after it was mended', async () => {
    const mended = join(scratch.folder, 'mended');
    const view = await validate({ before: 'no-sum', after: 'both', setup: `test -e '${mended}'` });
    expect(view).toMatchObject({ status: 'failed', outputs: {} });
    expect(stepOf(view, 'test[0]')?.log).toContain('setup failed in revision');
    expect(readdirSync(temporary)).toEqual([]);
    mkdirSync(mended);
    const resumed = await callForRun(scratch, 'workflow_resume', { run_id: view.run_id });
    expect(resumed).toMatchObject({ status: 'succeeded', outputs: { verdict: 'FIXED' } });
    expect(existsSync(join(String(resumed.outputs.report), 'report.md'))).toBe(true);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
