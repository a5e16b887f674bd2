/** Snapshots when the world does not hold still: files that change, a full disk, other processes, sudden death. */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { watch } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { collect } from '../../../src/checkpoint/collect.ts';
import { KeepContents } from '../../../src/checkpoint/keep-contents.ts';
import { readManifest } from '../../../src/checkpoint/manifest.ts';
import { ObjectWriter } from '../../../src/checkpoint/object-writer.ts';
import { readContent } from '../../../src/checkpoint/read-content.ts';
import { scanTree } from '../../../src/checkpoint/scan.ts';
import type { Snapshot } from '../../../src/checkpoint/snapshot.ts';
import { makeStoreFolders } from '../../../src/checkpoint/store-folder.ts';
import type { Failure, Result } from '../../../src/engine/core/failure.ts';
import { type Bench, bench, contentOf, filesOf, scopeOf, taken, unwrap } from './snapshot.fixture.ts';

const PROGRAM = join(import.meta.dirname, 'take.process.ts');

async function takeElsewhere(
  { tree, folder }: Bench,
  count: number,
  end = '',
): Promise<Result<Snapshot, Failure> | undefined> {
  const child = spawn(process.execPath, [PROGRAM, tree, folder, String(count), end], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return said === '' ? undefined : JSON.parse(said);
}

test('a file that grows while it is read is read again', () => {
  const { tree } = bench({ log: 'one\n' });
  const path = join(tree, 'log');
  const seen: string[] = [];
  const read = readContent(path, {
    packedBytesMax: 0,
    put: () => Buffer.alloc(32),
    putLarge: () => {
      seen.push(readFileSync(path, 'utf8'));
      if (seen.length === 1) appendFileSync(path, 'two\n');
      return Buffer.alloc(32, seen.length);
    },
  });
  expect(seen).toEqual(['one\n', 'one\ntwo\n']);
  expect(read).toMatchObject({ stable: true, hash: Buffer.alloc(32, 2), stat: { size: 8n } });
});

/** Reads the tree with something happening to it before the first content is kept. */
function keepWhile(at: Bench, act: (content: string) => void): KeepContents {
  makeStoreFolders(at.folder);
  const { tree } = scanTree(scopeOf(at.tree), { skip: [] });
  const writer = new ObjectWriter(at.folder, at.store.objects);
  const put = writer.put.bind(writer);
  writer.put = (content) => {
    act(content.toString());
    return put(content);
  };
  const contents = new KeepContents(tree, at.store.objects, writer, Number.POSITIVE_INFINITY);
  expect(contents.run(() => false)).toBe(true);
  return contents;
}

test('a file that never holds still is kept as it was read last, and listed', () => {
  const { tree } = bench({ log: '.' });
  const path = join(tree, 'log');
  const grow = () => {
    appendFileSync(path, '.');
    return Buffer.alloc(32);
  };
  const read = readContent(path, { packedBytesMax: 0, put: () => Buffer.alloc(32), putLarge: grow });
  expect(read).toMatchObject({ stable: false, stat: { size: 3n } });
});

test('a file that vanishes is no part of the snapshot; one that became something else is listed', () => {
  const at = bench({ a: 'first', b: 'vanishes', c: 'becomes a link', d: 'becomes a folder', e: 'last' });
  const path = (name: string) => join(at.tree, name);
  const contents = keepWhile(at, (content) => {
    if (content !== 'first') return;
    for (const name of ['b', 'c', 'd']) rmSync(path(name));
    symlinkSync('e', path('c'));
    mkdirSync(path('d'));
  });
  expect(contents.missed.map(({ path, reason }) => [path, reason])).toEqual([
    [path('c'), 'changed while it was read'],
    [path('d'), 'changed while it was read'],
  ]);
  const paths = [...contents.tree.inOrder()].map((row) => contents.tree.path(row));
  expect(paths).toEqual([at.tree, ...['a', 'c', 'd', 'e'].map(path)]);
});

test('what the user may not read is listed, with the reason', async (context) => {
  const at = bench({ secret: 'x', 'locked/file': 'y', open: 'z' });
  const home = join(at.tree, '..');
  chmodSync(join(at.tree, 'secret'), 0o200);
  chmodSync(join(at.tree, 'locked'), 0o300);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    chmodSync(home, 0o755);
    mkdirSync(join(at.folder), { recursive: true });
    for (const folder of [join(home, 'data'), at.folder]) chownSync(folder, 65_534, 65_534);
  }
  const command = [process.execPath, PROGRAM, at.tree, at.folder, '1'];
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...command];
  const [program = '', ...args] = isRoot ? asNobody : command;
  const { stdout, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) context.skip('this machine has no way to be somebody else');
  const { omitted } = unwrap(JSON.parse(stdout) as Result<Snapshot, Failure>);
  expect(omitted).toEqual([
    { path: join(at.tree, 'locked'), reason: 'not readable' },
    { path: join(at.tree, 'secret'), reason: 'not readable' },
  ]);
});

test('a full disk fails the snapshot and leaves nothing behind', (context) => {
  const at = bench({ a: 'alpha', noise: randomBytes(3_000_000) });
  const disk = join(at.tree, '..', 'disk');
  mkdirSync(disk);
  const script = 'mount -t tmpfs -o size=1m none "$0" && "$@"; find "$0" -type f ! -name lock | wc -l';
  const command = [process.execPath, PROGRAM, at.tree, join(disk, 'data', 'checkpoints'), '1'];
  const inside = (...words: string[]) =>
    spawnSync('unshare', ['-Urm', 'sh', '-c', ...words], { encoding: 'utf8' });
  if (inside('mount -t tmpfs none "$0"', disk).status !== 0) context.skip('this machine allows no mount');
  const { stdout } = inside(script, disk, ...command);
  const [answer, left] = stdout.trim().split('\n') as [string, string];
  expect(JSON.parse(answer)).toMatchObject({ ok: false, error: { code: 'disk_full', retry: 'again' } });
  expect(left).toBe('0');
});

test('two processes that take snapshots at once disturb neither each other nor the store', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`d${i % 9}/f${i}`, `content ${i}`]),
  );
  const at = bench(files);
  const answers = await Promise.all([takeElsewhere(at, 5), takeElsewhere(at, 5), takeElsewhere(at, 5)]);
  expect(answers.map((answer) => answer?.ok)).toEqual([true, true, true]);
  expect(filesOf(at.folder).snapshots).toHaveLength(15);
  for (const answer of answers) {
    const manifest = unwrap(readManifest(at.folder, unwrap(answer as Result<Snapshot, Failure>).id));
    for (const [name, content] of Object.entries(files))
      expect(contentOf(at, manifest, join(at.tree, name))).toBe(content);
  }
});

test.each(['put', 'finish'])(
  'kill -9 at `%s` leaves a store that works, and nothing that stays for ever',
  async (end) => {
    const at = bench({ a: 'alpha', b: 'beta' });
    const before = await taken(at);
    writeFileSync(join(at.tree, 'a'), 'ALPHA');
    expect(await takeElsewhere(at, 1, end)).toBeUndefined();
    expect(filesOf(at.folder).snapshots).toHaveLength(1);
    const after = await taken(at);
    expect(contentOf(at, after.manifest, join(at.tree, 'a'))).toBe('ALPHA');
    expect(contentOf(at, before.manifest, join(at.tree, 'a'))).toBe('alpha');
    const retention = { ageMs: 1e12, count: 0, bytes: 1e12 };
    unwrap(await collect(at.store, { liveRuns: [], retention, now: Date.now(), dryRun: false }));
    expect(filesOf(at.folder)).toMatchObject({ packs: [], snapshots: [], tmp: [] });
  },
);

test('a collection beside snapshots takes nothing from them', async () => {
  const at = bench(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, `content ${i}`])));
  makeStoreFolders(at.folder);
  const over = new AbortController();
  const taking = Promise.all([takeElsewhere(at, 5), takeElsewhere(at, 5)]).finally(() => over.abort());
  const retention = { ageMs: 1e12, count: 1, bytes: 1e12 };
  const collected: boolean[] = [];
  const collecting = (async () => {
    // One collection for each new snapshot, while the others are being taken.
    for await (const { filename } of watch(join(at.folder, 'snapshots'), { signal: over.signal })) {
      if (!existsSync(join(at.folder, 'snapshots', filename ?? ''))) continue;
      const request = { liveRuns: [], retention, now: Date.now(), dryRun: false };
      collected.push((await collect(at.store, request)).ok);
    }
  })();
  await expect(collecting).rejects.toThrow('aborted');
  expect((await taking).map((answer) => answer?.ok)).toEqual([true, true]);
  expect(collected).toContain(true);
  const ids = filesOf(at.folder).snapshots as readonly string[];
  expect(ids.length).toBeGreaterThan(0);
  for (const id of ids) {
    const manifest = unwrap(readManifest(at.folder, id));
    for (let i = 0; i < 50; i += 1)
      expect(contentOf(at, manifest, join(at.tree, `f${i}`))).toBe(`content ${i}`);
  }
});
