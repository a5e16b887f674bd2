import { expect, test } from 'vitest';
import { Bug } from '../../../src/engine/core/failure.ts';
import { chainNext, chainStart } from '../../../src/store/chain.ts';
import { batch, created, start } from '../../contract/journal.fixture.ts';
import { opened, scratch } from './store.fixture.ts';

test('an event over 8 MB is a bug and nothing of the call is written', () => {
  const store = opened(scratch());
  start(store, 'r1');
  const large = { type: 'step.skipped', step: 's', reason: 'é'.repeat(4 * 1024 * 1024) } as const;
  expect(() => store.append([batch('r1', 1), batch('r1', 2, { events: [large] })])).toThrow(Bug);
  expect(store.run('r1')).toMatchObject({ seq: 1 });
});

test('the chain starts at the run and covers every stored field', () => {
  const store = opened(scratch());
  start(store, 'r1', 5);
  const read = store.read('r1');
  const stored = { seq: 1, at: 5, host: 'test', epoch: 0, v: 1, payload: JSON.stringify(created()) };
  const checksum = chainNext(chainStart('r1'), stored);
  expect(read).toMatchObject({ ok: true, value: [{ checksum }] });
  const changed = { seq: 2, at: 6, host: 'b', epoch: 1, v: 2, payload: '{}' };
  for (const field of Object.keys(changed) as (keyof typeof changed)[])
    expect(chainNext(chainStart('r1'), { ...stored, [field]: changed[field] })).not.toBe(checksum);
});
