/** The tree that every saga begins with, and what the steps of the ladder make of it. */
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Texts } from './saga.ts';

/** Long before any run, and with a part of a second. */
const PLANTED_S = 1_000_000_000.25;

const PLANTED: Texts = {
  'notes.txt': 'one\ntwo\n',
  docs: '/',
  'docs/guide.md': '# Guide\r\n',
  old: '/',
  'old/data.bin': 'data\n'.repeat(500),
  '.gitignore': 'cache/\n',
  cache: '/',
  'cache/ignored': 'not in git',
  empty: '/',
  'run.sh': '#!/bin/sh\n',
  secret: 'k',
  link: '-> notes.txt',
  'hard-1': 'same',
  'hard-2': 'same',
};

export function plantTree(folder: string): void {
  for (const [path, text = ''] of Object.entries(PLANTED)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    if (text === '/') mkdirSync(at, { recursive: true });
    else if (path === 'hard-2') linkSync(join(folder, 'hard-1'), at);
    else if (text.startsWith('-> ')) symlinkSync(text.slice(3), at);
    else writeFileSync(at, text);
  }
  chmodSync(join(folder, 'run.sh'), 0o755);
  chmodSync(join(folder, 'secret'), 0o600);
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    lutimesSync(join(folder, path), PLANTED_S, PLANTED_S);
  lutimesSync(folder, PLANTED_S, PLANTED_S);
}

/** Without what is not there. */
export const onTop = (below: Texts, changes: Texts): Texts =>
  Object.fromEntries(Object.entries({ ...below, ...changes }).filter(([, text]) => text !== undefined));

export const EDIT = `printf 'edited\\n' > notes.txt
rm old/data.bin hard-2
mkdir new
echo n > new/file
chmod 600 run.sh`;

export const EDITED = onTop(PLANTED, {
  'notes.txt': 'edited\n',
  'old/data.bin': undefined,
  'hard-2': undefined,
  new: '/',
  'new/file': 'n\n',
});

export const BUILD = `rm -r old
echo file > old
ln -sfn nowhere link
echo more >> new/file
rmdir empty`;

export const BUILT = onTop(EDITED, {
  old: 'file\n',
  link: '-> nowhere',
  'new/file': 'n\nmore\n',
  empty: undefined,
});

export const MIGRATE = `mv docs moved
echo done > moved/done
touch secret
sleep 0.02`;

export const MIGRATED = onTop(BUILT, {
  docs: undefined,
  'docs/guide.md': undefined,
  moved: '/',
  'moved/guide.md': '# Guide\r\n',
  'moved/done': 'done\n',
});
