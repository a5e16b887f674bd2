/** What becomes of the files that steps hand out, on a real folder: stored whole, or refused in words. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArtifactIntake, ArtifactStore } from '../../../../src/engine/core/ports.ts';
import { artifactIntake } from '../../../../src/store/artifacts/artifact-intake.ts';
import { localArtifacts } from '../../../../src/store/artifacts/local-artifacts.ts';

let root: string;
let store: ArtifactStore;
let intake: ArtifactIntake;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'belay-intake-'));
  mkdirSync(join(root, 'work', 'dist'), { recursive: true });
  mkdirSync(join(root, 'work', 'home'));
  store = localArtifacts(join(root, 'work', 'home', 'artifacts'));
  intake = artifactIntake(store, join(root, 'work', 'home'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(root, 'work', ...parts);
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

const keep = (places: readonly string[], signal = new AbortController().signal) =>
  intake.keep({ about: 'artifact `a`', places, workspace: [at()], signal });

async function kept(path: string) {
  const result = await keep([path]);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

async function failure(places: readonly string[]) {
  const result = await keep(places);
  if (result.ok) throw new Error('it was kept');
  return result.error;
}

async function bytesOf(hash: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await store.read(hash)) ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The names, types and modes that tar itself finds. */
async function listed(hash: string): Promise<readonly string[]> {
  const text = execFileSync('tar', ['-tvf', '-'], { input: await bytesOf(hash), encoding: 'utf8' });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^(\S+) .*\d\d:\d\d (.*)$/, '$1 $2'));
}

describe('a file', () => {
  it('is stored with its size, its sha256 and its type', async () => {
    writeFileSync(at('dist', 'app.js'), 'let a = 1;\n');
    const value = await kept(at('dist', 'app.js'));
    expect(value).toEqual({
      sha256: sha256('let a = 1;\n'),
      size: 11,
      mediaType: 'text/javascript',
      warnings: [],
    });
    expect((await bytesOf(value.sha256)).toString()).toBe('let a = 1;\n');
  });

  it('of many pieces is stored whole', async () => {
    const bytes = Buffer.alloc(3 * 1024 * 1024 + 17, 'piece by piece ');
    writeFileSync(at('large.bin'), bytes);
    const value = await kept(at('large.bin'));
    expect(value).toMatchObject({ sha256: sha256(bytes), size: bytes.length });
    expect((await bytesOf(value.sha256)).equals(bytes)).toBe(true);
  });

  it('is taken from the first place where there is one', async () => {
    writeFileSync(at('b.txt'), 'b');
    const result = await keep([at('dist', 'b.txt'), at('b.txt')]);
    expect(result).toMatchObject({ ok: true, value: { sha256: sha256('b') } });
  });

  it('is stored once, however often it comes', async () => {
    writeFileSync(at('a.txt'), 'same');
    writeFileSync(at('b.txt'), 'same');
    await Promise.all([kept(at('a.txt')), kept(at('b.txt')), kept(at('a.txt'))]);
    const folder = at('home', 'artifacts', 'objects', sha256('same').slice(0, 2));
    expect(readdirSync(folder)).toEqual([sha256('same').slice(2)]);
    expect(readdirSync(at('home', 'artifacts', 'tmp'))).toEqual([]);
  });

  it('behind a link inside of the workspace is the file that the link leads to', async () => {
    writeFileSync(at('dist', 'v1.txt'), 'one');
    symlinkSync('dist/v1.txt', at('latest.txt'));
    expect((await kept(at('latest.txt'))).sha256).toBe(sha256('one'));
  });
});

describe('refuses', () => {
  it('what is not there, and names its neighbours', async () => {
    writeFileSync(at('dist', 'app.css'), '');
    const found = await failure([at('dist', 'app.js'), at('app.js')]);
    expect(found).toMatchObject({ code: 'artifact_missing', retry: 'again' });
    expect(found.message).toBe(
      `artifact \`a\`: no file at \`${at('dist', 'app.js')}\` or \`${at('app.js')}\`; found in \`${at('dist')}\`: \`app.css\``,
    );
  });

  it('a link to nothing', async () => {
    symlinkSync('nowhere', at('dangling'));
    expect(await failure([at('dangling')])).toMatchObject({
      code: 'artifact_missing',
      message: expect.stringContaining('found a link to nothing'),
    });
  });

  it.each([
    ['a path that leads out', () => join(root, 'work', 'dist', '..', '..', 'secret')],
    [
      'a link that leads out',
      () => {
        symlinkSync(join(root, 'secret'), at('link'));
        return at('link');
      },
    ],
    [
      'a folder on the way that leads out',
      () => {
        symlinkSync(root, at('up'));
        return at('up', 'secret');
      },
    ],
  ])('%s', async (_, make) => {
    writeFileSync(join(root, 'secret'), 'secret');
    expect(await failure([make()])).toMatchObject({ code: 'artifact_refused', retry: 'final' });
    expect(await store.read(sha256('secret'))).toBeUndefined();
  });

  it('the data folder', async () => {
    writeFileSync(at('home', 'belay.db'), 'journal');
    expect(await failure([at('home', 'belay.db')])).toMatchObject({ code: 'artifact_refused' });
  });

  it('what is no file', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    expect(await failure([at('pipe')])).toMatchObject({
      code: 'artifact_refused',
      message: expect.stringContaining('found a pipe'),
    });
  });

  it('a file that cannot be stored, and leaves nothing', async () => {
    writeFileSync(at('a.txt'), 'a');
    writeFileSync(at('home', 'artifacts'), 'a file where the folder should be');
    expect(await failure([at('a.txt')])).toMatchObject({ code: 'artifact_failed', retry: 'again' });
  });

  it.each(['a file', 'a folder'])('%s when nobody waits any more, and leaves nothing', async (what) => {
    const file = at('dist', 'large');
    writeFileSync(file, Buffer.alloc(3_000_000));
    const result = await keep([what === 'a file' ? file : at('dist')], AbortSignal.abort());
    expect(result).toMatchObject({ ok: false, error: { code: 'artifact_failed' } });
    expect(readdirSync(at('home', 'artifacts', 'tmp'))).toEqual([]);
  });
});

describe('a folder', () => {
  it('is stored as tar, sorted, without owners and times', async () => {
    mkdirSync(at('dist', 'sub'));
    writeFileSync(at('dist', 'run.sh'), 'echo\n');
    chmodSync(at('dist', 'run.sh'), 0o750);
    writeFileSync(at('dist', 'sub', 'b.txt'), 'b');
    linkSync(at('dist', 'sub', 'b.txt'), at('dist', 'a.txt'));
    symlinkSync('sub/b.txt', at('dist', 'link'));
    const value = await kept(at('dist'));
    expect(value).toMatchObject({ mediaType: 'application/x-tar', files: 3, warnings: [] });
    expect(await listed(value.sha256)).toEqual([
      '-rw-r--r-- a.txt',
      'lrwxrwxrwx link -> sub/b.txt',
      '-rwxr-xr-x run.sh',
      'drwxr-xr-x sub/',
      '-rw-r--r-- sub/b.txt',
    ]);
  });

  it('gives the same bytes for the same files', async () => {
    writeFileSync(at('dist', 'b.txt'), 'b');
    writeFileSync(at('dist', 'a.txt'), 'a'.repeat(100_000));
    const first = await kept(at('dist'));
    utimesSync(at('dist', 'a.txt'), 1, 1);
    mkdirSync(at('other'));
    writeFileSync(at('other', 'a.txt'), 'a'.repeat(100_000));
    writeFileSync(at('other', 'b.txt'), 'b');
    expect((await kept(at('dist'))).sha256).toBe(first.sha256);
    expect((await kept(at('other'))).sha256).toBe(first.sha256);
  });

  it('leaves out what leads elsewhere or is no file, and says so', async () => {
    writeFileSync(join(root, 'secret'), 'secret');
    symlinkSync('../../secret', at('dist', 'relative'));
    symlinkSync(join(root, 'secret'), at('dist', 'absolute'));
    symlinkSync('nowhere', at('dist', 'dangling'));
    symlinkSync('hop/secret', at('dist', 'hopping'));
    symlinkSync('../..', at('dist', 'hop'));
    execFileSync('mkfifo', [at('dist', 'pipe')]);
    writeFileSync(at('dist', 'kept'), 'kept');
    writeFileSync(Buffer.concat([Buffer.from(at('dist', 'bad')), Buffer.from([0xff])]), 'x');
    const value = await kept(at('dist'));
    expect(await listed(value.sha256)).toEqual(['-rw-r--r-- kept']);
    expect(value.warnings.map((warning) => /`([^`]+)` was left out/.exec(warning)?.[1]).sort()).toEqual([
      'absolute',
      'bad\ufffd',
      'dangling',
      'hop',
      'hopping',
      'pipe',
      'relative',
    ]);
  });

  it('leaves the data folder out', async () => {
    writeFileSync(at('home', 'belay.db'), 'journal');
    writeFileSync(at('kept'), 'kept');
    const value = await kept(at());
    expect(await listed(value.sha256)).toEqual(['drwxr-xr-x dist/', '-rw-r--r-- kept']);
    expect(value.warnings).toEqual([expect.stringContaining('it is the data folder')]);
  });

  it('with nothing in it is an empty archive', async () => {
    const value = await kept(at('dist'));
    expect(value.files).toBe(0);
    expect(value.size).toBe(1024);
  });
});
