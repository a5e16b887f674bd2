/** Short ways to build and break trees in tests: real files, real git. */
import { execFileSync } from 'node:child_process';
import { lutimesSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file with its folders. */
export function put(path: string, content: string | Uint8Array = `${path}\n`): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Gives a file or folder a time of its own, epoch seconds. */
export const age = (path: string, seconds: number): void => lutimesSync(path, seconds, seconds);

const QUIET = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.invalid',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.invalid',
  GIT_TERMINAL_PROMPT: '0',
};

/** Runs git in `cwd` as nobody's configuration has it. */
export function git(cwd: string, ...args: readonly string[]): void {
  execFileSync('git', ['-c', 'protocol.file.allow=always', '-c', 'init.defaultBranch=main', ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...QUIET },
    stdio: 'ignore',
  });
}

/** A repository in `folder` with all that is in it committed. */
export function repository(folder: string): void {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'first');
}
