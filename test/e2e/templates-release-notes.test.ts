/** The template `release-notes` on real repositories made here: a person's word decides, and what is tagged is what was shown. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunView } from '../../src/tools/run-view-schema.ts';
import { type Scratch, scratchBelay } from '../fixtures/scratch-belay.ts';
import { type GitRepository, gitRepository } from './fixtures/git-repository.ts';
import { callForRun, runTemplate, stepOf } from './fixtures/run-template.ts';

let scratch: Scratch;
let repository: GitRepository;
let count = 0;

const start = (inputs: object): Promise<RunView> =>
  runTemplate(scratch, 'release-notes', { repository: repository.path, tag: 'v1.1.0', ...inputs });

/** The person at the other end says so; then to the end of the run. */
async function answer(view: RunView, answer: object): Promise<RunView> {
  const [question] = view.questions;
  const args = { run_id: view.run_id, question_id: question?.question_id, answer };
  await callForRun(scratch, 'workflow_answer', args, true);
  return callForRun(scratch, 'workflow_status', { run_id: view.run_id });
}

const tags = (): string[] => repository.git('tag', '--list').split('\n');

beforeAll(() => {
  scratch = scratchBelay();
});

beforeEach(() => {
  repository = gitRepository(join(scratch.folder, `-the shop's no ${++count}`));
  repository.commit('add the cart', { 'cart.txt': '1' });
  repository.git('tag', '-a', '-m', 'first', 'v1.0.0');
  repository.commit("count what's in the cart", { 'cart.txt': '2' });
  repository.commit('show $(the sum) & `more`', { 'cart.txt': '3' });
});

afterAll(() => scratch.close());

describe('approved', () => {
  it('writes the notes, asks a person, and tags with the notes', async () => {
    const asked = await start({});
    expect(asked).toMatchObject({ status: 'waiting', questions: [{ kind: 'approval', asked_of: 'human' }] });
    expect(asked.questions[0]?.prompt).toContain("- count what's in the cart");
    expect(tags()).toEqual(['v1.0.0']);
    const view = await answer(asked, { approved: true });
    const file = join(repository.path, 'RELEASE_NOTES.md');
    expect(view).toMatchObject({ status: 'succeeded', outputs: { file, tag: 'v1.1.0', commits: 2 } });
    const notes = readFileSync(file, 'utf8');
    expect(notes).toMatch(
      /^# v1\.1\.0\n\nChanges since v1\.0\.0\.\n\n- show \$\(the sum\) & `more` \(\w+, Ada\)\n/,
    );
    expect(notes).not.toContain('add the cart');
    expect(repository.git('cat-file', '-t', 'v1.1.0')).toBe('tag');
    expect(repository.git('tag', '--list', '--format=%(contents)', 'v1.1.0')).toBe(notes.trim());
  });

  it('tags the commit that was shown, though the branch has moved since', async () => {
    const shown = repository.git('rev-parse', 'HEAD');
    const asked = await start({ file: 'docs/-notes of it.md' });
    repository.commit('too late', {});
    await answer(asked, { approved: true });
    expect(repository.git('rev-parse', 'v1.1.0^{commit}')).toBe(shown);
    expect(existsSync(join(repository.path, 'docs/-notes of it.md'))).toBe(true);
  });

  it('takes all commits when there is no tag yet', async () => {
    repository.git('tag', '--delete', 'v1.0.0');
    const view = await answer(await start({ tag: 'shop@1.0.0+build/7' }), { approved: true });
    expect(view.outputs).toMatchObject({ commits: 3, tag: 'shop@1.0.0+build/7' });
    expect(readFileSync(String(view.outputs.file), 'utf8')).toMatch(/^# shop@1\.0\.0\+build\/7\n\n- show/);
  });

  it('resumes after a tag step that failed, without asking again', async () => {
    const asked = await start({});
    // git makes no annotated tag for nobody
    repository.git('config', 'user.name', '');
    const failed = await answer(asked, { approved: true });
    expect(failed.status).toBe('failed');
    expect(stepOf(failed, 'tag')).toMatchObject({ status: 'failed' });
    repository.git('config', 'user.name', 'Ada');
    const view = await callForRun(scratch, 'workflow_resume', { run_id: failed.run_id });
    expect(view).toMatchObject({ status: 'succeeded', outputs: { tag: 'v1.1.0' } });
    expect(stepOf(view, 'approve')?.attempts).toBe(1);
    const twice = await callForRun(scratch, 'workflow_resume', { run_id: failed.run_id, from_step: 'tag' });
    expect(twice.status).toBe('succeeded');
  });
});

describe('not tagged', () => {
  it('when the person rejects', async () => {
    const view = await answer(await start({}), { approved: false, reason: 'not on a Friday' });
    expect(view.status).toBe('failed');
    expect(stepOf(view, 'approve')?.error).toMatchObject({ code: 'rejected' });
    expect(stepOf(view, 'approve')?.error?.message).toContain('not on a Friday');
    expect(tags()).toEqual(['v1.0.0']);
  });

  it('when an agent answers for the person', async () => {
    const asked = await start({});
    const [question] = asked.questions;
    const args = { run_id: asked.run_id, question_id: question?.question_id, answer: { approved: true } };
    await expect(callForRun(scratch, 'workflow_answer', args)).rejects.toThrow('human_required');
    expect(tags()).toEqual(['v1.0.0']);
  });

  it.each([
    ['the tag is there', () => {}, { tag: 'v1.0.0' }, 'the tag v1.0.0 is there already'],
    ['git takes no such name', () => {}, { tag: 'v1..2' }, 'git takes no tag of the name v1..2'],
    ['nothing is new', () => repository.git('tag', 'v1.0.9'), {}, 'there are no commits since v1.0.9'],
  ])('when %s', async (_, prepare, inputs, message) => {
    prepare();
    const view = await start(inputs);
    expect(view.status).toBe('failed');
    expect(stepOf(view, 'last-tag')?.log).toContain(message);
    expect(existsSync(join(repository.path, 'RELEASE_NOTES.md'))).toBe(false);
  });

  it('when a shallow clone hides the last tag, or there is no commit', async () => {
    const shallow = join(scratch.folder, `shallow ${count}`);
    const from = `file://${repository.path}`;
    execFileSync('git', ['clone', '-q', '--depth=1', '--no-tags', from, shallow], { stdio: 'pipe' });
    expect(stepOf(await start({ repository: shallow }), 'last-tag')?.log).toContain('fetch --unshallow');
    const { path } = gitRepository(join(scratch.folder, `empty ${count}`));
    expect(stepOf(await start({ repository: path }), 'last-tag')?.log).toContain('has no commit yet');
  });
});
