/** Programs on a PATH, which come and go while a server runs. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findProgram } from '../../../../src/engine/host/find-program.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'belay-find-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['a', 'b']) mkdirSync(join(folder, name));
  return folder;
}

function install(file: string, mode = 0o755): void {
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, mode);
}

test('the first folder that has it wins; what cannot be run does not count', () => {
  const folder = scratch();
  const path = `${join(folder, 'a')}:${join(folder, 'b')}`;
  install(join(folder, 'a', 'tool'), 0o644);
  install(join(folder, 'b', 'tool'));
  expect(findProgram('tool', path, folder)).toBe(join(folder, 'b', 'tool'));
});

test('a program that is installed later is found, one that is removed is not', () => {
  const folder = scratch();
  const path = join(folder, 'a');
  const file = join(path, 'tool');
  expect(findProgram('tool', path, folder)).toBeUndefined();
  install(file);
  expect(findProgram('tool', path, folder)).toBe(file);
  rmSync(file);
  expect(findProgram('tool', path, folder)).toBeUndefined();
});

test('a name with a slash is a path from the working directory', () => {
  const folder = scratch();
  install(join(folder, 'a', 'tool'));
  expect(findProgram('./a/tool', '', folder)).toBe('./a/tool');
  expect(findProgram('./b/tool', '', folder)).toBeUndefined();
  expect(findProgram(join(folder, 'a', 'tool'), '', '/')).toBe(join(folder, 'a', 'tool'));
});
