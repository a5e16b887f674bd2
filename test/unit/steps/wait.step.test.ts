/** `wait` answers with the time at which it wakes, the signal that it waits for, or what it has seen. */
import { describe, expect, test } from 'vitest';
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

describe('for a signal', () => {
  const context = (config: JsonObject) =>
    fakeContext({ type: 'wait', config, values: { env: 'prod', bad: 'no name', n: 1 } });

  test.each([
    [{ signal: 'go' }, { kind: 'signal', name: 'go' }],
    [{ signal: 'go-{{ env }}' }, { kind: 'signal', name: 'go-prod' }],
    [
      { signal: 'go', for: '1m' },
      { kind: 'signal', name: 'go', untilMs: NOW_MS + 60_000 },
    ],
  ])('%j', (config, action) => {
    expect(waitStep.begin(context(config))).toEqual({ ok: true, value: action });
  });

  test('a name that is none fails', () => {
    expect(waitStep.begin(context({ signal: '{{ bad }}' }))).toMatchObject({
      error: { code: 'wait_invalid', message: expect.stringContaining('found `"no name"`') },
    });
  });

  test('its payload becomes the outputs', () => {
    const signalled = (payload: Json) => waitStep.signalled?.(context({ signal: 'go' }), payload);
    expect(signalled({ tag: 'v1' })).toEqual({ ok: true, outputs: { tag: 'v1' } });
    expect(signalled([1])).toEqual({ ok: true, outputs: { value: [1] } });
  });

  test('none in time fails unless the step goes on', () => {
    const woke = (config: JsonObject) => waitStep.woke?.(context(config), { sinceMs: NOW_MS });
    expect(woke({ signal: 'go', for: '1m' })).toMatchObject({
      ok: false,
      failure: { code: 'expired', message: '`subject` waited in vain: signal `go` did not come' },
    });
    expect(woke({ signal: 'go', for: '1m', on_expire: 'continue' })).toEqual({
      ok: true,
      outputs: { expired: true },
    });
  });
});

describe('for a condition', () => {
  const context = (config: JsonObject, value: Json) =>
    fakeContext({ type: 'wait', config: { condition: 'ready', ...config }, values: { ready: value } });
  const begun = (config: JsonObject, value: Json = false) => waitStep.begin(context(config, value));
  const woke = (config: JsonObject, sinceMs: number, more: object = {}, value: Json = false) =>
    waitStep.woke?.(context(config, value), { sinceMs, ...more });

  test('that holds already it does not wait', () => {
    expect(begun({}, true)).toEqual({ ok: true, value: { kind: 'done', outcome: { ok: true } } });
  });

  test('looks as often as the step says, at the deadline for the last time', () => {
    expect(begun({})).toEqual({ ok: true, value: { kind: 'sleep', untilMs: NOW_MS + 10_000 } });
    expect(begun({ every: '5s', for: '3s' })).toEqual({
      ok: true,
      value: { kind: 'sleep', untilMs: NOW_MS + 3_000, deadlineMs: NOW_MS + 3_000 },
    });
    expect(woke({ every: '5s' }, NOW_MS - 5_000)).toEqual({ sleepUntilMs: NOW_MS + 5_000 });
    expect(woke({ every: '5s' }, NOW_MS, {}, true)).toEqual({ ok: true });
  });

  test('looks more seldom the longer it has waited', () => {
    expect(woke({ every: '1s' }, NOW_MS - 86_400_000)).toEqual({ sleepUntilMs: NOW_MS + 86_400 });
  });

  test('fails at its deadline unless the step goes on', () => {
    const over = { deadlineMs: NOW_MS };
    expect(woke({ every: '1s', for: '1m' }, NOW_MS - 60_000, over)).toMatchObject({
      ok: false,
      failure: { code: 'expired', message: expect.stringContaining('was still false') },
    });
    const goesOn = { every: '1s', for: '1m', on_expire: 'continue' };
    expect(woke(goesOn, NOW_MS - 60_000, over)).toEqual({ ok: true, outputs: { expired: true } });
  });

  test('fails on what is no condition', () => {
    expect(begun({}, 'yes')).toMatchObject({
      value: { kind: 'done', outcome: { ok: false, failure: { code: 'wait_invalid' } } },
    });
    expect(waitStep.begin(fakeContext({ type: 'wait', config: { condition: 'nobody' } }))).toMatchObject({
      value: { outcome: { ok: false, failure: { code: 'expression' } } },
    });
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
  [{ signal: 'go' }, true],
  [{ signal: 'go', until: 'x', on_expire: 'continue' }, true],
  [{ signal: 'go', on_expire: 'continue' }, false],
  [{ signal: 'go', condition: 'a' }, false],
  [{ signal: 'go', every: '5s' }, false],
  [{ condition: 'a' }, true],
  [{ condition: 'a', every: '5s', for: '1m' }, true],
  [{ condition: 'a', for: '1m' }, false],
  [{ condition: 'a', every: '100ms' }, false],
  [{ condition: 'a', every: '5s', for: '1m', until: 'x' }, false],
])('schema on %j: %s', (config, valid) => {
  expect(waitStep.schema.safeParse(config).success).toBe(valid);
});
