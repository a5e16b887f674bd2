/** `bin/belay.js` in small trees of its own: which main it runs, under which Node, and how it ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../../../bin/belay.js', import.meta.url));

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'belay-bin-')));
  write('package.json', '{"type":"module"}');
  mkdirSync(join(root, 'bin'));
  copyFileSync(BIN, join(root, 'bin/belay.js'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Arguments that make this Node say that it is another one. */
function pretend(version: string): string[] {
  write(
    'pretend.cjs',
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`,
  );
  return ['--require', join(root, 'pretend.cjs')];
}

function pinNode(): void {
  write('node_modules/node/bin/node', `#!/bin/sh\nexport PINNED=yes\nexec '${process.execPath}' "$@"\n`);
  chmodSync(join(root, 'node_modules/node/bin/node'), 0o755);
}

/** The cache of compiled code stays in the tree of the test. */
const env = (): NodeJS.ProcessEnv => {
  const { NODE_COMPILE_CACHE: _, ...rest } = process.env;
  return { ...rest, XDG_CACHE_HOME: join(root, 'cache') };
};
const command = (node: readonly string[], ...args: string[]) => [
  ...node,
  join(root, 'bin/belay.js'),
  ...args,
];
const belay = (node: readonly string[], ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, command(node, ...args), {
    encoding: 'utf8',
    input: 'in',
    env: env(),
  });
  return { status, stdout, stderr };
};

describe('under a Node that is new enough', () => {
  test('runs the sources of a checkout', () => {
    write(
      'src/cli/main.ts',
      "const args: string[] = process.argv.slice(2);\nconsole.log('source', ...args);",
    );
    write('dist/cli/main.js', "console.log('dist')");
    expect(belay([], 'a', 'b c')).toEqual({ status: 0, stdout: 'source a b c\n', stderr: '' });
  });

  test('runs dist of an installed package', () => {
    write('dist/cli/main.js', "console.log('dist', ...process.argv.slice(2)); process.exitCode = 3;");
    expect(belay([], 'a')).toEqual({ status: 3, stdout: 'dist a\n', stderr: '' });
  });

  test('keeps compiled code in the cache folder of the user, and lives without it', () => {
    write('dist/cli/main.js', "console.log('dist')");
    belay([]);
    expect(readdirSync(join(root, 'cache/belay/compiled'))).toHaveLength(1);
    rmSync(join(root, 'cache'), { recursive: true });
    write('cache', 'a file in its way');
    expect(belay([])).toEqual({ status: 0, stdout: 'dist\n', stderr: '' });
  });

  test('keeps every warning but that of node:sqlite', () => {
    write(
      'dist/cli/main.js',
      `process.emitWarning('SQLite is an experimental feature', 'ExperimentalWarning');
       process.emitWarning('SQLite is slow');
       process.emitWarning('Other is an experimental feature', 'ExperimentalWarning');`,
    );
    const { stderr } = belay([]);
    expect(stderr).not.toContain('SQLite is an experimental feature');
    expect(stderr).toContain('SQLite is slow');
    expect(stderr).toContain('Other is an experimental feature');
  });
});

describe('under a Node that is too old', () => {
  test.each(['12.22.12', '20.20.2', '22.17.9'])('%s says in one line what is needed', (version) => {
    const { status, stdout, stderr } = belay(pretend(version));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(`belay: needs Node 22.18 or newer, found ${version} (${process.execPath})\n`);
  });

  test('hands over to the pinned Node, with streams and exit code', () => {
    pinNode();
    write(
      'src/cli/main.ts',
      "process.stdin.on('data', (data: Buffer) => { console.log(process.env['PINNED'], `${data}`, ...process.argv.slice(2)); process.exitCode = 4; });",
    );
    expect(belay(pretend('20.1.0'), 'a', 'b c')).toEqual({ status: 4, stdout: 'yes in a b c\n', stderr: '' });
  });

  test('hands over to a Node that is installed beside the package', () => {
    pinNode();
    const inside = join(root, 'node_modules/belay-mcp');
    mkdirSync(inside);
    renameSync(join(root, 'bin'), join(inside, 'bin'));
    write('node_modules/belay-mcp/package.json', '{"type":"module"}');
    write('node_modules/belay-mcp/dist/cli/main.js', "console.log('dist', process.env['PINNED'])");
    const args = [...pretend('20.1.0'), join(inside, 'bin/belay.js')];
    expect(spawnSync(process.execPath, args, { encoding: 'utf8', env: env() }).stdout).toBe('dist yes\n');
  });

  test('does not hand over to itself for ever', () => {
    mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true });
    symlinkSync(realpathSync(process.execPath), join(root, 'node_modules/node/bin/node'));
    expect(belay(pretend('20.1.0')).status).toBe(2);
  });

  test('forwards signals, and dies of the signal that ended the pinned Node', async () => {
    pinNode();
    write(
      'src/cli/main.ts',
      "process.on('SIGTERM', () => { console.log('term'); process.kill(process.pid, 'SIGKILL'); });\nsetInterval(() => {}, 1000);\nconsole.log('up');",
    );
    const child = spawn(process.execPath, command(pretend('20.1.0')), {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: env(),
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data;
      if (output === 'up\n') child.kill('SIGTERM');
    });
    expect(await ended(child)).toBe('SIGKILL');
    expect(output).toBe('up\nterm\n');
  });
});

const ended = (child: ChildProcess) =>
  new Promise<string | null>((done) => child.on('close', (_code, signal) => done(signal)));
