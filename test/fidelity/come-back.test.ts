import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { age, git, put, repository } from './files.ts';
import { Rope } from './rope.ts';
import { hasAttributes, treeValue } from './tree.ts';

type Act = (at: (path: string) => string) => void;

interface Case {
  readonly name: string;
  readonly build: Act;
  /** One step or several, each looked at. */
  readonly steps: readonly Act[];
  readonly skip?: boolean;
}

const isRoot = process.getuid?.() === 0;
const bytesPath = (path: string, name: number[]): Buffer =>
  Buffer.concat([Buffer.from(`${path}/`), Buffer.from(name)]);

const GIT: readonly Case[] = [
  {
    name: 'ignored and untracked files',
    build(at) {
      put(at('.gitignore'), 'build/\n*.log\n');
      repository(at(''));
      put(at('build/out.o'), 'object');
      put(at('x.log'), 'log');
      put(at('notes'), 'untracked');
    },
    steps: [(at) => git(at(''), 'clean', '-fdx'), (at) => put(at('build/new.o'))],
  },
  {
    name: 'a nested repository, .git and all',
    build(at) {
      put(at('inner/code'));
      repository(at('inner'));
      repository(at(''));
    },
    steps: [
      (at) => {
        put(at('inner/code'), 'other');
        git(at('inner'), 'commit', '-qam', 'second');
        git(at('inner'), 'gc', '-q');
      },
      (at) => rmSync(at('inner/.git'), { recursive: true }),
    ],
  },
  {
    name: 'a submodule',
    build(at) {
      put(at('library/code'));
      repository(at('library'));
      put(at('main/readme'));
      repository(at('main'));
      git(at('main'), 'submodule', 'add', '-q', at('library'), 'lib');
      git(at('main'), 'commit', '-qm', 'with lib');
    },
    steps: [
      (at) => git(at('main'), 'submodule', 'deinit', '-f', 'lib'),
      (at) => rmSync(at('main/.git/modules'), { recursive: true }),
    ],
  },
  {
    name: 'a worktree',
    build(at) {
      put(at('main/readme'));
      repository(at('main'));
      git(at('main'), 'worktree', 'add', '-q', at('beside'));
      put(at('beside/readme'), 'edited');
    },
    steps: [(at) => git(at('main'), 'worktree', 'remove', '--force', at('beside'))],
  },
  {
    name: 'CRLF under .gitattributes',
    build(at) {
      put(at('.gitattributes'), '* text=auto eol=lf\n');
      put(at('dos.txt'), 'one\r\ntwo\r\n');
      repository(at(''));
    },
    steps: [
      (at) => {
        unlinkSync(at('dos.txt'));
        git(at(''), 'checkout', '-q', '--', 'dos.txt');
      },
    ],
  },
  {
    name: '$Id$ keywords',
    build(at) {
      put(at('.gitattributes'), '*.txt ident\n');
      put(at('id.txt'), '$Id$\n');
      repository(at(''));
    },
    steps: [
      (at) => {
        unlinkSync(at('id.txt'));
        git(at(''), 'checkout', '-q', '--', 'id.txt');
      },
    ],
  },
];

const FILES: readonly Case[] = [
  {
    name: 'private files',
    build(at) {
      put(at('key'), 'secret');
      chmodSync(at('key'), 0o600);
      put(at('only-mode'), 'same');
      chmodSync(at('only-mode'), 0o600);
    },
    steps: [
      (at) => {
        put(at('key'), 'leaked');
        chmodSync(at('key'), 0o644);
        chmodSync(at('only-mode'), 0o777);
      },
    ],
  },
  {
    name: 'setuid, sticky and unreadable permissions',
    build(at) {
      for (const [name, mode] of Object.entries({ tool: 0o4755, group: 0o2755, none: 0 })) {
        put(at(name), name);
        chmodSync(at(name), mode);
      }
      mkdirSync(at('shared'));
      chmodSync(at('shared'), 0o1777);
    },
    steps: [
      (at) => {
        for (const name of ['tool', 'group', 'none']) {
          chmodSync(at(name), 0o644);
          writeFileSync(at(name), 'changed');
        }
        chmodSync(at('shared'), 0o700);
      },
    ],
    skip: !isRoot,
  },
  {
    name: 'owners',
    build: (at) => {
      put(at('theirs'));
      chownSync(at('theirs'), 12, 34);
      mkdirSync(at('folder'));
      chownSync(at('folder'), 12, 34);
    },
    steps: [(at) => chownSync(at('theirs'), 0, 0), (at) => rmSync(at('folder'), { recursive: true })],
    skip: !isRoot,
  },
  {
    name: 'empty files and empty folders',
    build(at) {
      for (const name of ['filled', 'deleted', 'kept']) put(at(name), '');
      mkdirSync(at('a/b/c'), { recursive: true });
      mkdirSync(at('d'));
    },
    steps: [
      (at) => {
        put(at('filled'), 'no more');
        unlinkSync(at('deleted'));
        rmSync(at('a'), { recursive: true });
        put(at('d/file'));
      },
    ],
  },
  {
    name: 'ten thousand deleted files',
    build(at) {
      for (let n = 0; n < 10_000; n += 1) {
        if (n % 100 === 0) mkdirSync(at(`f${n / 100}`));
        writeFileSync(at(`f${Math.floor(n / 100)}/${n}`), `file ${n % 700}`);
      }
    },
    steps: [
      (at) => {
        for (let n = 0; n < 100; n += 1) rmSync(at(`f${n}`), { recursive: true });
      },
    ],
  },
  {
    name: 'a renamed folder',
    build(at) {
      put(at('old/deep/file'));
      put(at('old/other'));
      mkdirSync(at('old/empty'));
    },
    steps: [(at) => renameSync(at('old'), at('new')), (at) => renameSync(at('new/deep'), at('deep'))],
  },
  {
    name: 'a folder replaced by a file',
    build: (at) => put(at('x/y/file')),
    steps: [
      (at) => {
        rmSync(at('x'), { recursive: true });
        put(at('x'), 'a file now');
      },
    ],
  },
  {
    name: 'a file replaced by a folder',
    build: (at) => put(at('x')),
    steps: [
      (at) => {
        unlinkSync(at('x'));
        put(at('x/y/z'));
      },
    ],
  },
  {
    name: 'symlinks: dangling, to a folder, removed, retargeted, replaced',
    build(at) {
      put(at('folder/file'));
      symlinkSync('nowhere', at('dangling'));
      symlinkSync('folder', at('to-folder'));
      symlinkSync('folder/file', at('to-file'));
      put(at('plain'));
    },
    steps: [
      (at) => {
        unlinkSync(at('dangling'));
        unlinkSync(at('to-folder'));
        symlinkSync('.', at('to-folder'));
        unlinkSync(at('to-file'));
        put(at('to-file'), 'a file now');
        unlinkSync(at('plain'));
        symlinkSync('folder', at('plain'));
      },
    ],
  },
  {
    name: 'a folder replaced by a symlink',
    build(at) {
      put(at('here/file'), 'here');
      put(at('there/file'), 'there');
    },
    steps: [
      (at) => {
        rmSync(at('here'), { recursive: true });
        symlinkSync('there', at('here'));
      },
    ],
  },
  {
    name: 'hard links broken apart, removed, written through, made',
    build(at) {
      for (const name of ['apart', 'gone', 'through', 'rewritten', 'single', 'twin']) put(at(name), 'same');
      for (const name of ['apart', 'gone', 'through', 'rewritten']) linkSync(at(name), at(`${name}-2`));
      age(at('single'), 1_000);
      age(at('twin'), 1_000);
    },
    steps: [
      (at) => {
        unlinkSync(at('apart-2'));
        put(at('apart-2'), 'same');
        unlinkSync(at('gone'));
        appendFileSync(at('through'), ' and more');
        for (const name of ['rewritten', 'rewritten-2']) {
          unlinkSync(at(name));
          put(at(name), `own ${name}`);
        }
        unlinkSync(at('twin'));
        linkSync(at('single'), at('twin'));
      },
    ],
  },
  {
    name: 'names with newlines, quotes, backslashes, and bytes that are no UTF-8',
    build(at) {
      for (const name of [
        'new\nline',
        'back\\slash',
        'back\\012',
        '"quoted" $(name) `x`',
        '-rf',
        ' lead',
        'ünï',
      ])
        put(at(name), name);
      writeFileSync(bytesPath(at(''), [0x66, 0xff, 0xfe, 0x0a, 0x5c]), 'bytes');
      mkdirSync(bytesPath(at(''), [0x64, 0xc3, 0x28]));
      writeFileSync(Buffer.concat([bytesPath(at(''), [0x64, 0xc3, 0x28]), Buffer.from('/inside')]), 'inside');
      symlinkSync(Buffer.from([0xe9, 0x0a]), at('odd-target'));
    },
    steps: [
      (at) =>
        execFileSync('sh', ['-c', 'cd "$1" && rm -rf -- * && echo new > "$(printf "z\\377")"', 'sh', at('')]),
    ],
  },
  {
    name: 'a sparse file, and one larger than a read',
    build(at) {
      put(at('sparse'), 'start');
      truncateSync(at('sparse'), 20_000_000);
      put(at('large'), Buffer.alloc(9_000_000, 'large content '));
    },
    steps: [(at) => appendFileSync(at('sparse'), 'end'), (at) => unlinkSync(at('large'))],
  },
  {
    name: 'times: old, negative, far, with nanoseconds, and of folders',
    build(at) {
      for (const name of ['old', 'far', 'fine', 'before', 'whole']) put(at(`f/${name}`));
      execFileSync('touch', ['-d', '@1700000000.123456789', at('f/fine')]);
      execFileSync('touch', ['-d', '@-5.25', at('f/before')]);
      age(at('f/old'), 1);
      age(at('f/far'), 4_000_000_000);
      execFileSync('touch', ['-d', '@1600000000.987654321', at('f')]);
    },
    steps: [
      (at) => {
        for (const name of ['old', 'far', 'fine', 'before']) put(at(`f/${name}`), 'changed');
        age(at('f/whole'), 5);
      },
    ],
  },
  {
    name: 'a file created, changed and deleted again, and one moved over another',
    build(at) {
      put(at('f/one'));
      put(at('f/two'));
      mkdirSync(at('g'));
    },
    steps: [
      (at) => put(at('f/short-lived')),
      (at) => put(at('f/short-lived'), 'changed'),
      (at) => unlinkSync(at('f/short-lived')),
      (at) => {
        mkdirSync(at('g/came-and-went'));
        rmdirSync(at('g/came-and-went'));
        put(at('f/one'), 'changed');
      },
      (at) => renameSync(at('f/one'), at('f/two')),
    ],
  },
  {
    name: 'everything, the root included',
    build(at) {
      put(at('a/b'));
      symlinkSync('a', at('link'));
    },
    steps: [(at) => rmSync(at(''), { recursive: true })],
  },
  {
    name: 'extended attributes',
    build(at) {
      for (const name of ['set', 'rewritten', 'added', 'folder/x']) put(at(name));
      for (const name of ['set', 'rewritten', 'folder'])
        execFileSync('setfattr', ['-n', 'user.kind', '-v', 'a=b\nc', at(name)]);
    },
    steps: [
      (at) => {
        execFileSync('setfattr', ['-n', 'user.kind', '-v', 'other', at('set')]);
        execFileSync('setfattr', ['-n', 'user.more', '-v', 'new', at('added')]);
        execFileSync('setfattr', ['-x', 'user.kind', at('folder')]);
        unlinkSync(at('rewritten'));
      },
    ],
    skip: !hasAttributes(),
  },
];

describe.each([
  ['in repositories', GIT],
  ['of all kinds', FILES],
])('files %s come back exactly', (_, cases) => {
  for (const { name, build, steps, skip = false } of cases)
    test.skipIf(skip)(
      name,
      async () => {
        const rope = new Rope();
        const at = (path: string): string => rope.at(path);
        build(at);
        const before = treeValue(rope.tree);
        await rope.take();
        for (const step of steps) expect(await rope.step(() => step(at))).toHaveProperty('list');
        expect(await rope.plan()).toMatchObject({ conflicts: { count: 0 }, lostCount: 0 });
        expect(await rope.restore()).toMatchObject({ result: 'complete', problems: [] });
        expect(treeValue(rope.tree)).toEqual(before);
        expect(await rope.plan()).toMatchObject({ create: 0, change: 0, delete: 0 });
        expect(rope.leftBehind()).toEqual([]);
      },
      120_000,
    );
});
