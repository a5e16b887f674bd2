import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { workflowTarget } from '../../../src/cli/workflow-target.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-target-'));
  writeFileSync(join(folder, 'a.yaml'), 'name: a');
  writeFileSync(join(folder, 'plain'), 'name: plain');
  mkdirSync(join(folder, 'dir.yml'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a definition file is read and keeps the name it was given by', () => {
  expect(workflowTarget('a.yaml', folder)).toEqual({ definition: 'name: a', file: 'a.yaml' });
  expect(workflowTarget('./plain', folder)).toEqual({ definition: 'name: plain', file: './plain' });
});

test('everything else is a name', () => {
  expect(workflowTarget('plain', folder)).toEqual({ workflow: 'plain' });
});

test('a path that leads nowhere, to a folder, or to too much is refused', () => {
  expect(() => workflowTarget('./gone.yaml', folder)).toThrow('no file at `./gone.yaml`');
  expect(() => workflowTarget('gone.yaml', folder)).toThrow('no file at `gone.yaml`');
  expect(() => workflowTarget('dir.yml', folder)).toThrow('`dir.yml` is not a file');
  writeFileSync(join(folder, 'big.yaml'), 'x'.repeat(300_000));
  expect(() => workflowTarget('big.yaml', folder)).toThrow('has 300000 bytes');
});
