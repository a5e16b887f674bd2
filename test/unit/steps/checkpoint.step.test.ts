/** `checkpoint` says what is to be kept, and does nothing when it runs. */
import { expect, test } from 'vitest';
import { checkpointStep } from '../../../src/steps/checkpoint.step.ts';
import { fakeContext } from './fake-context.ts';

test('its fields are data for the loader, in bytes and milliseconds', () => {
  const config = { name: 'before', paths: ['app'], exclude: ['dist'], max_bytes: '1MB', timeout: '10s' };
  expect(checkpointStep.checkpoint?.(config)).toEqual({
    name: 'before',
    paths: ['app'],
    exclude: ['dist'],
    bytesMax: 1024 ** 2,
    timeMs: 10_000,
  });
  expect(checkpointStep.checkpoint?.({})).toEqual({});
});

test('it is done as soon as it begins', () => {
  const context = fakeContext({ type: 'checkpoint', config: { capture: 'dump' } });
  expect(checkpointStep.begin(context)).toEqual({ ok: true, value: { kind: 'done', outcome: { ok: true } } });
});

test.each([
  [{}, 'takes checkpoint `subject`'],
  [{ name: 'before', paths: ['a', 'b'] }, 'takes checkpoint `before` of `a`, `b`'],
])('plan of %j', (config, does) => {
  expect(checkpointStep.plan?.(fakeContext({ type: 'checkpoint', config }))).toEqual({ does });
});

test.each([
  [{ name: '1st' }, false],
  [{ paths: [''] }, false],
  [{ timeout: 'soon' }, false],
  [{ timeout: 0 }, false],
  [{ max_files: 0 }, false],
  [{ capture: [] }, false],
  [{ capture: ['a'], restore: 'b' }, true],
])('schema on %j: %s', (config, valid) => {
  expect(checkpointStep.schema.safeParse(config).success).toBe(valid);
});
