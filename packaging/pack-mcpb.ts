/**
 * `npm run pack:mcpb`: the package as npm would publish it, with the locked production dependencies and nothing else, as a
 * bundle that a desktop client installs by opening it. No script of any dependency is run.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mcpbManifest } from './mcpb-manifest.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = resolve(process.argv[2] ?? join(ROOT, 'belay.mcpb'));

const run = (cwd: string, command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** The files that npm would publish. */
function publishedFiles(): readonly string[] {
  const [packed] = JSON.parse(run(ROOT, 'npm', 'pack', '--dry-run', '--json', '--ignore-scripts'));
  return packed.files.map(({ path }: { path: string }) => path);
}

const stage = mkdtempSync(join(tmpdir(), 'belay-mcpb-'));
try {
  run(ROOT, 'npm', 'run', 'build');
  for (const path of [...publishedFiles(), 'package-lock.json'])
    cpSync(join(ROOT, path), join(stage, path), { recursive: true });
  run(stage, 'npm', 'ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund');
  writeFileSync(join(stage, 'manifest.json'), `${JSON.stringify(mcpbManifest(), null, 2)}\n`);
  run(stage, 'mcpb', 'pack', stage, OUT);
  console.log(`${OUT}: ${(statSync(OUT).size / 1024 / 1024).toFixed(1)} MiB`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}
