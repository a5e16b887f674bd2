/** What a checkpoint may cover, and where it really lies. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveScope, type ScopeRequest } from '../../../src/checkpoint/scope.ts';
import { failureOf, scratch, unwrap } from './snapshot.fixture.ts';

interface Places {
  readonly home: string;
  readonly data: string;
  readonly project: string;
}

function places(): Places {
  const root = scratch();
  const home = join(root, 'user');
  const data = join(home, '.data', 'belay');
  const project = join(home, 'project');
  for (const folder of [data, project]) mkdirSync(folder, { recursive: true });
  return { home, data, project };
}

const resolve = ({ home, data, project }: Places, request: Partial<ScopeRequest>) =>
  resolveScope({ cwd: project, dataFolder: data, homeFolder: home, ...request });

test('the folder of the run is covered unless paths are named', () => {
  const at = places();
  expect(unwrap(resolve(at, {}))).toEqual({ roots: [at.project], exclude: [], base: at.project });
  expect(unwrap(resolve(at, { paths: ['b', 'a/c', '../other'], exclude: ['*.log'] }))).toEqual({
    roots: [join(at.home, 'other'), join(at.project, 'a/c'), join(at.project, 'b')],
    exclude: ['*.log'],
    base: at.project,
  });
});

test('a path inside another one is covered by it', () => {
  const at = places();
  expect(unwrap(resolve(at, { paths: ['a/b', 'a', 'a', 'ab', './a/c'] })).roots).toEqual([
    join(at.project, 'a'),
    join(at.project, 'ab'),
  ]);
});

test('a link is covered with what it points at, and a folder behind links by its real path', () => {
  const at = places();
  const elsewhere = join(at.home, 'elsewhere');
  mkdirSync(join(elsewhere, 'deep'), { recursive: true });
  symlinkSync(elsewhere, join(at.project, 'link'));
  symlinkSync('nowhere', join(at.project, 'dangling'));
  expect(unwrap(resolve(at, { paths: ['link/deep', 'link', 'dangling'] })).roots).toEqual([
    elsewhere,
    join(at.project, 'dangling'),
    join(at.project, 'link'),
  ]);
  expect(unwrap(resolve(at, { cwd: join(at.project, 'link') }))).toMatchObject({ base: elsewhere });
});

describe('refuses', () => {
  const cases: readonly (readonly [string, (at: Places) => Partial<ScopeRequest>, RegExp])[] = [
    ['the root of the file system', () => ({ paths: ['/'] }), /`\/` would cover the whole machine/],
    ['the home folder', ({ home }) => ({ cwd: home }), /user` would cover your whole home folder/],
    ['the home folder by another way', () => ({ paths: ['../project/..'] }), /your whole home folder/],
    ['a folder above the home folder', () => ({ paths: ['../..'] }), /would cover your home folder/],
    ['the data folder', ({ data }) => ({ paths: [data] }), /belay` lies in Belay's data folder/],
    ['a folder in the data folder', ({ data }) => ({ paths: [join(data, 'blobs')] }), /data folder/],
    [
      'a link to the home folder',
      ({ home, project }) => {
        symlinkSync(home, join(project, 'out'));
        return { paths: ['out'] };
      },
      /home folder/,
    ],
  ];

  test.each(cases)('%s', (_, request, message) => {
    const at = places();
    const failure = failureOf(resolve(at, request(at)));
    expect(failure).toMatchObject({ code: 'checkpoint_refused', retry: 'final' });
    expect(failure?.message).toMatch(message);
    expect(failure?.hint).toBeTruthy();
  });
});

test('a folder that has the data folder inside is no reason to refuse', () => {
  const at = places();
  expect(unwrap(resolve(at, { paths: ['../.data'] })).roots).toEqual([join(at.home, '.data')]);
});
