import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { bootId, isDead, processStartTime } from '../../../src/store/liveness.ts';

const me = { host: 'a', pid: process.pid, startTime: processStartTime(process.pid), bootId: bootId() };

test('this process lives', () => {
  expect(isDead(me)).toBe(false);
});

test('a process that ended is dead', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' });
  await once(child, 'spawn');
  const identity = { ...me, pid: child.pid!, startTime: processStartTime(child.pid!) };
  expect(isDead(identity)).toBe(false);
  child.stdin.end();
  await once(child, 'close');
  expect(isDead(identity)).toBe(true);
});

test.runIf(bootId() !== '')('another start time or boot is dead; another pid namespace is not known', () => {
  expect(isDead({ ...me, startTime: '1' })).toBe(true);
  expect(isDead({ ...me, bootId: 'earlier/pid:[1]' })).toBe(true);
  expect(isDead({ ...me, startTime: '1', bootId: `${bootId().split('/')[0]}/pid:[1]` })).toBe(false);
});

test('where nothing but the pid is known, its existence counts', () => {
  expect(isDead({ ...me, startTime: '', bootId: '' })).toBe(false);
});
