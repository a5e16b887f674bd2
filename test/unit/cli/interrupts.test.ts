import { expect, test } from 'vitest';
import { Interrupts } from '../../../src/cli/interrupts.ts';
import { fakeTerminal } from './fake-world.ts';

test('each `forget` starts the count anew', () => {
  const terminal = fakeTerminal();
  const interrupts = new Interrupts(terminal);
  expect(interrupts.signal.aborted).toBe(false);
  terminal.interrupt();
  expect(interrupts.signal.aborted).toBe(true);
  interrupts.forget();
  expect(interrupts.signal.aborted).toBe(false);
  interrupts.stop();
  terminal.interrupt();
  expect(interrupts.signal.aborted).toBe(false);
});

test('waits for another one, but not for ever', async () => {
  const terminal = fakeTerminal();
  const interrupts = new Interrupts(terminal);
  const second = interrupts.another(60_000);
  terminal.interrupt();
  expect(await second).toBe(true);
  expect(await interrupts.another(1)).toBe(false);
});
