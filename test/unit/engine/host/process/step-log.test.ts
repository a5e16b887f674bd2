import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStepLog, readStream, stepLogSize } from '../../../../../src/engine/host/process/step-log.ts';

const attempt = { runId: 'r', seq: 5 };
let home: string;
let file: (kind: string) => string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-log-'));
  mkdirSync(join(home, 'runs', 'r'), { recursive: true });
  file = (kind) => join(home, 'runs', 'r', `5.${kind}`);
});
afterEach(() => rmSync(home, { recursive: true }));

describe('one log', () => {
  it('is empty before the step has written', () => {
    expect(readStepLog(home, attempt, { bytesMax: 10 })).toEqual({
      text: '',
      fromByte: 0,
      nextByte: 0,
      sizeBytes: 0,
    });
    expect(stepLogSize(home, attempt)).toBe(0);
  });

  it.each([
    [1, 'three\n'],
    [2, 'two\nthree\n'],
    [9, 'one\ntwo\nthree\n'],
  ])('its last %i lines', (tailLines, text) => {
    writeFileSync(file('log'), 'one\ntwo\nthree\n');
    expect(readStepLog(home, attempt, { tailLines, bytesMax: 100 }).text).toBe(text);
  });

  it('a tail begins with a whole line and tells where it began', () => {
    writeFileSync(file('log'), 'one\ntwo\nthree');
    expect(readStepLog(home, attempt, { tailLines: 9, bytesMax: 11 })).toEqual({
      text: 'two\nthree',
      fromByte: 4,
      nextByte: 13,
      sizeBytes: 13,
    });
    expect(readStepLog(home, attempt, { tailLines: 9, bytesMax: 3 }).text).toBe('ree');
  });

  it('is followed without losing or splitting a character', () => {
    const whole = 'aü€😀z'.repeat(20);
    writeFileSync(file('log'), whole);
    let seen = '';
    for (let at = 0; ; ) {
      const part = readStepLog(home, attempt, { fromByte: at, bytesMax: 5 });
      if (part.text === '') break;
      seen += part.text;
      at = part.nextByte;
    }
    expect(seen).toBe(whole);
  });
});

describe('streams apart', () => {
  it('are put together in the order of the marks, and grow without moving', () => {
    writeFileSync(file('out'), 'o1o2');
    writeFileSync(file('err'), 'e1');
    writeFileSync(file('marks'), '2 2\n4 2\n');
    expect(readStepLog(home, attempt, { bytesMax: 100 }).text).toBe('o1e1o2');
    appendFileSync(file('err'), 'e2');
    expect(stepLogSize(home, attempt)).toBe(6);
    appendFileSync(file('marks'), '4 4\n9');
    expect(readStepLog(home, attempt, { fromByte: 3, bytesMax: 4 }).text).toBe('1o2e');
    expect(stepLogSize(home, attempt)).toBe(8);
  });

  it('give their first bytes, whole characters only', () => {
    writeFileSync(file('out'), 'ab€');
    expect(readStream(home, attempt, 'stdout', 4)).toBe('ab');
    expect(readStream(home, attempt, 'stdout', 100)).toBe('ab€');
    expect(readStream(home, attempt, 'stderr', 100)).toBe('');
  });
});
