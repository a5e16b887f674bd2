/** `wait` answers with the time at which it wakes. */
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/engine/core/model.ts';
import { waitStep } from '../../../src/steps/wait.step.ts';
import { fakeContext, NOW_MS } from './fake-context.ts';

const begin = (config: JsonObject, values: { readonly [source: string]: Json } = {}) =>
  waitStep.begin(fakeContext({ type: 'wait', config, values }));

test.each([
  [{ for: '30s' }, NOW_MS + 30_000],
  [{ for: 2 }, NOW_MS + 2_000],
  [{ duration: '1h30m' }, NOW_MS + 5_400_000],
  [{ for: '{{ a }}' }, NOW_MS + 60_000],
  [{ for: '{{ n }}s' }, NOW_MS + 7_000],
  [{ until: '2030-01-31T13:00:00Z' }, NOW_MS + 3_600_000],
  [{ until: '2030-01-31T14:00:00+01:00' }, NOW_MS + 3_600_000],
  [{ until: 'time' }, NOW_MS + 60_000],
  [{ until: '{{ time }}' }, NOW_MS + 60_000],
  [{ until: 'epoch' }, NOW_MS],
  [{ until: '2020-01-01T00:00:00Z' }, Date.parse('2020-01-01T00:00:00Z')],
])('%j', (config, untilMs) => {
  const values = { a: '1m', n: 7, time: '2030-01-31T12:01:00Z', epoch: NOW_MS };
  expect(begin(config, values)).toEqual({ ok: true, value: { kind: 'sleep', untilMs } });
});

test.each([
  [{ for: '{{ a }}' }, { a: 'soon' }, '`for`: expected a duration'],
  [{ for: '{{ a }}' }, { a: -1 }, 'found `-1`'],
  [{ until: '{{ a }}' }, { a: '2030-01-31' }, '`until`: expected an RFC 3339 time'],
  [{ until: '{{ a }}' }, { a: '2099-01-01T00:00:00Z' }, '`until`: expected'],
  [{ until: 'a' }, { a: true }, 'found `true`'],
])('%j with %j fails', (config, values, message) => {
  const begun = begin(config, values as unknown as { [source: string]: Json });
  expect(begun).toMatchObject({
    ok: false,
    error: { code: 'wait_invalid', message: expect.stringContaining(message) },
  });
});

test('a rendered value is never evaluated again', () => {
  const begun = begin({ until: '{{ a }}' }, { a: 'time', time: '2030-01-31T12:01:00Z' });
  expect(begun).toMatchObject({ ok: false, error: { code: 'wait_invalid' } });
});

test('plan says when it wakes, or what cannot be known yet', () => {
  const plan = (config: JsonObject) => waitStep.plan?.(fakeContext({ type: 'wait', config }));
  expect(plan({ for: '1m' })).toEqual({ does: 'waits until 2030-01-31T12:01:00.000Z' });
  expect(plan({ for: '{{ later }}' })).toEqual({ does: 'waits', unknown: '`later` is unknown' });
});

test.each([
  [{ for: '1d' }, true],
  [{ for: '1 day' }, false],
  [{ for: -1 }, false],
  [{ for: '4000d' }, false],
  [{ for: '1s', duration: '1s' }, false],
  [{ for: '1s', until: 'x' }, false],
  [{}, false],
])('schema on %j: %s', (config, valid) => {
  expect(waitStep.schema.safeParse(config).success).toBe(valid);
});
