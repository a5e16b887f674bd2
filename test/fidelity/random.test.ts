import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { age } from './files.ts';
import { Rope } from './rope.ts';
import { treeValue } from './tree.ts';

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));

/** What a step may do at one path, or with two; what the tree does not allow does nothing. */
const act = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), path, text: fc.constantFrom('', 'x', 'yy', 'long text') }),
  fc.record({ kind: fc.constantFrom('append', 'remove', 'folder', 'age'), path }),
  fc.record({ kind: fc.constant('mode' as const), path, mode: fc.constantFrom(0o600, 0o755, 0o4711) }),
  fc.record({ kind: fc.constantFrom('rename', 'symlink', 'link'), path, other: path }),
);
type Act = { readonly kind: string; readonly path: string; text?: string; mode?: number; other?: string };

function perform(rope: Rope, { kind, path, text = '', mode = 0, other = '' }: Act): void {
  const at = rope.at(path);
  const to = rope.at(other);
  try {
    mkdirSync(dirname(kind === 'rename' || kind === 'link' ? to : at), { recursive: true });
    if (kind === 'write') writeFileSync(at, text);
    if (kind === 'append') appendFileSync(at, '+');
    if (kind === 'remove') rmSync(at, { recursive: true });
    if (kind === 'folder') mkdirSync(at);
    if (kind === 'age') age(at, 1_000);
    if (kind === 'mode') chmodSync(at, mode);
    if (kind === 'rename') renameSync(at, to);
    if (kind === 'symlink') symlinkSync(other, at);
    if (kind === 'link') linkSync(at, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

test('whatever steps did, the tree comes back to each snapshot', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { maxLength: 12 }),
      fc.array(fc.array(act, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      async (build, steps) => {
        const rope = new Rope();
        for (const each of build) perform(rope, each as Act);
        const before = treeValue(rope.tree, { folderTimes: false });
        await rope.take();
        for (const step of steps)
          await rope.step(() => {
            for (const each of step) perform(rope, each as Act);
          });
        expect((await rope.plan()).conflicts.count).toBe(0);
        expect(await rope.restore()).toMatchObject({ result: 'complete' });
        expect(treeValue(rope.tree, { folderTimes: false })).toEqual(before);
        expect(rope.leftBehind()).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);
