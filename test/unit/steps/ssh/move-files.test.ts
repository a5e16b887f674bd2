/** Files there and back over sftp: what is moved, what is refused, and that nothing half-written stays. */

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { fakeCall } from '../fake-call.ts';
import { ask, ran, refused, scratchFolder, sshd, until } from './sshd.ts';
import { hasSshd, type SshServer } from './start-sshd.ts';

describe.skipIf(!hasSshd)('files', () => {
  let server: SshServer;
  let cwd: string;
  /** A folder on the other side. */
  let there: string;
  beforeEach(async () => {
    server = await sshd();
    cwd = scratchFolder();
    there = join(server.home, 'there');
    mkdirSync(there);
  });
  /** All that is in it, links not followed. */
  const names = (folder: string): readonly string[] =>
    readdirSync(folder, { withFileTypes: true })
      .flatMap((entry) => [
        entry.name,
        ...(entry.isDirectory()
          ? names(join(folder, entry.name)).map((name) => `${entry.name}/${name}`)
          : []),
      ])
      .sort();
  const moving = (config: JsonObject) => ran(server, config, { cwd });
  const failing = (config: JsonObject) => refused(server, config, { cwd });

  test('go there before the command, and come back after it', async () => {
    const content = randomBytes(300_000);
    writeFileSync(join(cwd, 'in.bin'), content);
    chmodSync(join(cwd, 'in.bin'), 0o751);
    const outcome = await moving({
      upload: [{ from: 'in.bin', to: `${there}/deep/er/` }],
      cwd: `${there}/deep/er`,
      command: 'cp in.bin out.bin; : > empty',
      download: [
        { from: 'out.bin', to: 'got/result' },
        { from: `${there}/deep/er/empty`, to: 'got/' },
      ],
    });
    expect(readFileSync(join(there, 'deep/er/in.bin')).equals(content)).toBe(true);
    expect(statSync(join(there, 'deep/er/in.bin')).mode & 0o777).toBe(0o751);
    expect(readFileSync(join(cwd, 'got/result')).equals(content)).toBe(true);
    expect(names(cwd)).toEqual(['got', 'got/empty', 'got/result', 'in.bin']);
    expect(outcome.outputs).toEqual({
      upload: { files: 1, bytes: 300_000 },
      download: { files: 2, bytes: 300_000 },
    });
  });

  test('are put in the place of what is there, and nothing else stays', async () => {
    writeFileSync(join(cwd, 'a'), 'new');
    writeFileSync(join(there, 'a'), 'old and longer');
    writeFileSync(join(there, 'b'), 'theirs');
    writeFileSync(join(cwd, 'b'), 'mine and longer');
    await moving({ upload: [{ from: 'a', to: `${there}/a` }], download: [{ from: `${there}/b`, to: 'b' }] });
    expect(readFileSync(join(there, 'a'), 'utf8')).toBe('new');
    expect(readFileSync(join(cwd, 'b'), 'utf8')).toBe('theirs');
    expect([names(there), names(cwd)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  test('folders with all that is in them; links are left out and listed', async () => {
    for (const folder of ['site/css', 'site/empty']) mkdirSync(join(cwd, folder), { recursive: true });
    writeFileSync(join(cwd, 'site/index.html'), '<p>');
    writeFileSync(join(cwd, 'site/css/é ".css'), 'p {}');
    symlinkSync('/etc/passwd', join(cwd, 'site/link'));
    const all = ['css', 'css/é ".css', 'empty', 'index.html'];
    const up = await moving({ upload: [{ from: 'site', to: `${there}/www` }] });
    expect(names(join(there, 'www'))).toEqual(all);
    expect(up.warnings).toEqual([expect.stringContaining('site/link')]);
    symlinkSync('/etc', join(there, 'www/etc'));
    const down = await moving({ download: [{ from: `${there}/www`, to: 'back' }] });
    expect(names(join(cwd, 'back'))).toEqual(all);
    expect(down.warnings).toEqual([expect.stringContaining('www/etc')]);
  });

  test.each<[string, JsonObject]>([
    ['up', { upload: [{ from: '../secret', to: '/x' }] }],
    ['over a link', { upload: [{ from: 'out/secret', to: '/x' }] }],
    ['back', { download: [{ from: 'THERE/file', to: '../stolen' }] }],
    ['to an absolute place', { download: [{ from: 'THERE/file', to: '/tmp/belay-never' }] }],
    ['into a link', { download: [{ from: 'THERE/file', to: 'out/stolen' }] }],
    ['a folder into a link', { download: [{ from: 'THERE', to: 'out/deep' }] }],
  ])('stay inside the directory of the run: %s', async (_, config) => {
    const outer = scratchFolder();
    cwd = join(outer, 'run');
    mkdirSync(cwd);
    writeFileSync(join(outer, 'secret'), 's');
    symlinkSync(outer, join(cwd, 'out'));
    writeFileSync(join(there, 'file'), 'f');
    const written = JSON.parse(JSON.stringify(config).replaceAll('THERE', there)) as JsonObject;
    const failure = await failing(written);
    expect(failure).toMatchObject({ code: expect.stringMatching(/^(up|down)load_failed$/), retry: 'final' });
    expect(failure.message).toContain('lies outside');
    expect(names(outer)).toEqual(['run', 'run/out', 'secret']);
    expect(existsSync('/x')).toBe(false);
  });

  test('go anywhere where the step says so', async () => {
    const other = scratchFolder();
    writeFileSync(join(there, 'file'), 'f');
    await moving({ allow_outside: true, download: [{ from: `${there}/file`, to: join(other, 'file') }] });
    await moving({ allow_outside: true, upload: [{ from: join(other, 'file'), to: `${there}/again` }] });
    expect(readFileSync(join(there, 'again'), 'utf8')).toBe('f');
  });

  test('what is too much is refused before the first is moved', async () => {
    for (const [name, bytes] of [
      ['a', 10],
      ['b', 3_000],
    ] as const)
      writeFileSync(join(cwd, name), 'x'.repeat(bytes));
    const failure = await failing({
      upload: [
        { from: 'a', to: `${there}/a` },
        { from: 'b', to: `${there}/b` },
      ],
      max_bytes: '2KB',
    });
    expect(failure).toMatchObject({ code: 'transfer_too_large', retry: 'final' });
    expect(names(there)).toEqual([]);
    writeFileSync(join(there, 'sparse'), '');
    truncateSync(join(there, 'sparse'), 2 * 1024 ** 3);
    expect(await failing({ download: [{ from: `${there}/sparse`, to: 'sparse' }] })).toMatchObject({
      code: 'transfer_too_large',
    });
    expect(names(cwd)).toEqual(['a', 'b']);
  });

  test.each<[string, JsonObject, string]>([
    ['upload', { from: 'none', to: 'THERE/x' }, 'ENOENT'],
    ['upload', { from: 'file', to: 'THERE/folder' }, 'is a folder there'],
    ['upload', { from: 'file', to: 'THERE/file/x' }, 'is no folder'],
    ['upload', { from: 'file', to: '/proc/x' }, ''],
    ['download', { from: 'THERE/none', to: 'x' }, 'no such file'],
    ['download', { from: 'THERE/file', to: 'folder' }, 'is a folder'],
    ['download', { from: '/dev/null', to: 'x' }, 'neither a file nor a folder'],
  ])('%s of %j fails', async (direction, entry, says) => {
    for (const side of [cwd, there]) {
      mkdirSync(join(side, 'folder'));
      writeFileSync(join(side, 'file'), 'f');
    }
    const written = JSON.parse(
      JSON.stringify({ [direction]: [entry] }).replaceAll('THERE', there),
    ) as JsonObject;
    const failure = await failing({ ...written, command: 'touch ~/ran' });
    expect(failure).toMatchObject({ code: `${direction}_failed`, hint: expect.any(String) });
    expect(failure.message).toContain(says);
    expect(existsSync(join(server.home, 'ran'))).toBe(direction === 'download');
    for (const side of [cwd, there]) expect(names(side)).toEqual(['file', 'folder']);
  });

  test.each(['upload', 'download'] as const)(
    'a cancel in the middle of an %s leaves nothing behind',
    async (direction) => {
      const cancel = new AbortController();
      const big = join(direction === 'upload' ? cwd : there, 'big');
      writeFileSync(big, '');
      truncateSync(big, 256 * 1024 ** 2);
      const entry =
        direction === 'upload' ? { from: 'big', to: `${there}/big` } : { from: `${there}/big`, to: 'big' };
      const target = direction === 'upload' ? there : cwd;
      const io = fakeCall({ signal: cancel.signal });
      const performed = ask({ ...server.fields, [direction]: [entry] }, { cwd, io });
      await until(() => names(target).some((name) => name.endsWith('.part')));
      cancel.abort();
      await expect(performed).rejects.toThrow();
      expect(names(target)).toEqual([]);
    },
  );

  test('nor does a cancel at the very beginning of an upload, whatever is under way then', async () => {
    writeFileSync(join(cwd, 'big'), '');
    truncateSync(join(cwd, 'big'), 256 * 1024 ** 2);
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    for (let turns = 0; turns < 8; turns += 1) {
      const cancel = new AbortController();
      const io = fakeCall({ signal: cancel.signal });
      const performed = ask({ ...server.fields, upload: [{ from: 'big', to: `${there}/big` }] }, { cwd, io });
      while (names(there).length === 0) await turn();
      for (let turned = 0; turned < turns; turned += 1) await turn();
      cancel.abort();
      await expect(performed).rejects.toThrow();
      expect(names(there)).toEqual([]);
    }
  });

  test('a lost connection may be tried again, and leaves nothing here', async () => {
    writeFileSync(join(there, 'big'), '');
    truncateSync(join(there, 'big'), 256 * 1024 ** 2);
    const performed = failing({ download: [{ from: `${there}/big`, to: 'big' }] });
    await until(() => names(cwd).length > 0);
    server.cut();
    expect(await performed).toMatchObject({ code: 'download_failed', retry: 'again' });
    expect(names(cwd)).toEqual([]);
  });

  test('a server without sftp', async () => {
    const bare = await sshd({ config: ['Subsystem other /bin/true', 'ForceCommand /bin/false'] });
    writeFileSync(join(cwd, 'a'), 'a');
    const failure = await refused(bare, { upload: [{ from: 'a', to: `${there}/a` }] }, { cwd });
    expect(failure).toMatchObject({ code: 'upload_failed' });
  });
});
