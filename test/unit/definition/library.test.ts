import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LibraryFolder, workflowLibrary } from '../../../src/definition/library.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

let root: string;
let folders: LibraryFolder[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'belay-library-'));
  folders = (['project', 'shipped'] as const).map((scope) => ({ scope, path: join(root, scope) }));
  for (const { path } of folders) mkdirSync(path);
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (path: string, text: string | Buffer) => writeFileSync(join(root, path), text);
const workflow = (name: string, more = '') => `name: ${name}\n${more}steps: [{ command: x }]\n`;
const open = () => workflowLibrary({ folders, catalogue: stepTypes });
const brief = () =>
  open()
    .list()
    .map(({ name, scope, problem }) => [name, scope, problem !== undefined]);

test('lists what the files say, by name', () => {
  write(
    'shipped/b.yaml',
    workflow('beta', 'version: "2"\ndescription: d\ncategory: c\ntags: [t]\ninputs: { a: {} }\n'),
  );
  write('project/a.json', JSON.stringify({ name: 'alpha', steps: [{ command: 'x' }] }));
  write('project/readme.md', 'no workflow');
  const [alpha, beta] = open().list();
  expect(alpha).toMatchObject({ name: 'alpha', version: '1', scope: 'project' });
  expect(beta).toMatchObject({
    name: 'beta',
    version: '2',
    description: 'd',
    category: 'c',
    tags: ['t'],
    scope: 'shipped',
  });
  expect(beta!.inputs).toEqual({ a: { type: 'string', required: false } });
  expect(beta!.problem).toBeUndefined();
});

test('the first folder wins, broken or not', () => {
  write('project/a.yaml', workflow('same'));
  write('shipped/a.yaml', workflow('same'));
  write('project/b.yaml', `name: other\n`);
  write('shipped/b.yaml', workflow('other'));
  expect(brief()).toEqual([
    ['other', 'project', true],
    ['same', 'project', false],
  ]);
});

test('broken files are listed with what is wrong', () => {
  write('project/bad-yaml.yaml', 'name: [');
  write('project/latin.yaml', Buffer.from([0x6e, 0xe9]));
  write('project/huge.yaml', 'x'.repeat(300_000));
  write('project/named.yaml', 'name: named\nsteps: [{ comand: x }]\n');
  const problems = Object.fromEntries(
    open()
      .list()
      .map(({ name, problem }) => [name, problem]),
  );
  expect(Object.keys(problems)).toEqual(['bad-yaml', 'huge', 'latin', 'named']);
  expect(problems.huge).toContain('larger than');
  expect(problems.named).toMatch(/^line 2: /);
  expect(Object.values(problems).every(Boolean)).toBe(true);
});

test('two files of one folder with one name: the second cannot be reached', () => {
  write('project/a.yaml', workflow('twin'));
  write('project/b.yaml', workflow('twin'));
  expect(brief()).toEqual([
    ['twin', 'project', false],
    ['twin', 'project', true],
  ]);
  expect(open().find('twin')!.file).toMatch(/a\.yaml$/);
});

test('links lead nowhere outside, folders and missing folders are no workflows', () => {
  write('outside.yaml', workflow('outside'));
  write('project/real.yaml', workflow('real'));
  symlinkSync(join(root, 'outside.yaml'), join(root, 'project/out.yaml'));
  symlinkSync('nowhere', join(root, 'project/dangling.yaml'));
  mkdirSync(join(root, 'project/folder.yaml'));
  folders.push({ scope: 'user', path: join(root, 'missing') });
  expect(brief()).toEqual([['real', 'project', false]]);
});

test('finds the text by name, as it is now', () => {
  const library = open();
  expect(library.find('a')).toBeUndefined();
  write('project/x.yaml', workflow('a'));
  expect(library.find('a')).toMatchObject({ text: workflow('a'), scope: 'project' });
  write('project/x.yaml', workflow('b'));
  // Same size and perhaps the same millisecond: only the other time stamp tells.
  utimesSync(join(root, 'project/x.yaml'), 1, 1);
  expect(library.find('a')).toBeUndefined();
  expect(library.find('b')!.text).toBe(workflow('b'));
  rmSync(join(root, 'project/x.yaml'));
  expect(library.list()).toEqual([]);
});
