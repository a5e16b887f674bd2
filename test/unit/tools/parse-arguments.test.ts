import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../../../src/engine/core/model.ts';
import { parseArguments } from '../../../src/tools/parse-arguments.ts';
import type { Tool } from '../../../src/tools/tool.ts';

const input = z.strictObject({
  run_id: z.string().min(2),
  wait_seconds: z.int().min(0).max(60).default(20),
  mode: z.enum(['graceful', 'immediate']).optional(),
  commands: z.array(z.string()).max(2).optional(),
  context: z.strictObject({ cwd: z.string() }).optional(),
  definition: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
});
const tool = { name: 'workflow_status', input } as unknown as Tool;

function refused(given: JsonObject) {
  const parsed = parseArguments(tool, given);
  if (parsed.ok) throw new Error('expected a refusal');
  return parsed.error;
}

describe('parseArguments', () => {
  it('gives parsed values with defaults', () => {
    expect(parseArguments(tool, { run_id: 'r1' })).toEqual({
      ok: true,
      value: { run_id: 'r1', wait_seconds: 20 },
    });
  });

  it('names an unknown argument and the one that was meant', () => {
    expect(refused({ run_id: 'r1', wait_second: 3 })).toEqual({
      code: 'unknown_argument',
      message: 'unknown argument `wait_second`',
      hint: 'did you mean `wait_seconds`',
    });
  });

  it('lists known arguments when nothing is near', () => {
    expect(refused({ run_id: 'r1', zzz: 3 }).hint).toMatch(/^known: `run_id`, `wait_seconds`/);
    expect(refused({}).hint).toMatch(/^`workflow_status` takes `run_id`, `wait_seconds`/);
  });

  it('is not upset by values of any depth', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(refused({ run_id: deep }).message).toBe('argument `run_id`: found array of 1, expected string');
  });

  it.each([
    [{ run_id: 7 }, 'argument `run_id`: found number 7, expected string'],
    [{ run_id: null }, 'argument `run_id`: found null, expected string'],
    [{}, 'argument `run_id` is missing, expected string'],
    [{ run_id: 'r' }, 'argument `run_id`: found string "r", expected at least 2 characters'],
    [{ run_id: 'r1', wait_seconds: 1.5 }, 'argument `wait_seconds`: found number 1.5, expected integer'],
    [{ run_id: 'r1', wait_seconds: 61 }, 'argument `wait_seconds`: found number 61, expected at most 60'],
    [
      { run_id: 'r1', mode: 'fast' },
      'argument `mode`: found string "fast", expected one of `graceful`, `immediate`',
    ],
    [{ run_id: 'r1', commands: ['a', 2] }, 'argument `commands[1]`: found number 2, expected string'],
    [
      { run_id: 'r1', commands: ['a', 'b', 'c'] },
      'argument `commands`: found array of 3, expected at most 2 items',
    ],
    [{ run_id: 'r1', definition: 3 }, 'argument `definition`: found number 3, expected string or object'],
    [{ run_id: 'r1', context: { cwd: '/', cdw: 1 } }, 'unknown argument `context.cdw`'],
  ])('words %j', (given, message) => {
    expect(refused(given).message).toBe(message);
  });

  it('says everything at once and cuts long values', () => {
    const error = refused({ run_id: 7, mode: 'x'.repeat(500), nope: 1 });
    expect(error.code).toBe('invalid_input');
    expect(error.message.split('; ')).toHaveLength(3);
    expect(error.message.length).toBeLessThan(300);
  });

  it('throws no large argument back', () => {
    const error = refused({ run_id: 'r1', ['k'.repeat(1_000_000)]: 1, j: 1 });
    expect(JSON.stringify(error).length).toBeLessThan(2_000);
  });

  it('does not take inherited names for given values', () => {
    const shadow = { name: 'workflow_x', input: z.strictObject({ toString: z.string() }) } as unknown as Tool;
    const parsed = parseArguments(shadow, {});
    expect(parsed.ok).toBe(false);
  });
});
