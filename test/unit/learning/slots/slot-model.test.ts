import { expect, test } from 'vitest';
import { readCommand, readSlots } from '../../../../src/learning/shell/read-command.ts';
import { SlotModel } from '../../../../src/learning/slots/slot-model.ts';
import { SlotSession } from '../../../../src/learning/slots/slot-session.ts';

const learn = (model: SlotModel, session: SlotSession, command: string): void =>
  model.learn(session, { stub: readCommand(command).stub, ...readSlots(command) });

function taught(): SlotModel {
  const model = new SlotModel();
  for (let i = 0; i < 12; i += 1) {
    const session = new SlotSession();
    learn(model, session, `nl part${i}.py`);
    learn(model, session, `vi part${i}.py`);
    learn(model, session, 'ssh admin@host');
  }
  return model;
}

test('a value is taken over from the command before, where that was right', () => {
  const model = taught();
  const session = new SlotSession();
  learn(model, session, 'nl fresh.py');
  const [first] = model.predict(session, { stub: 'vi', slot: 'argument 0', type: 'path', filled: [] }, 3);
  expect(first).toMatchObject({ value: 'fresh.py', reason: 'argument 0 of the command before' });
  expect(first?.confidence).toBeGreaterThan(0.5);
});

test('a value that never changes is proposed without a command before', () => {
  const open = { stub: 'ssh', slot: 'argument 0', type: 'word', filled: [] } as const;
  expect(taught().predict(new SlotSession(), open, 1)[0]?.value).toBe('admin@host');
});

test('a slot never seen has no proposal', () => {
  const open = { stub: 'new', slot: '-x', type: 'word', filled: [] } as const;
  expect(taught().predict(new SlotSession(), open, 3)).toEqual([]);
});

test('a restored model proposes the same', () => {
  const model = taught();
  const again = SlotModel.restore(structuredClone(model.snapshot()));
  const open = { stub: 'ssh', slot: 'argument 0', type: 'word', filled: [] } as const;
  expect(again.predict(new SlotSession(), open, 5)).toEqual(model.predict(new SlotSession(), open, 5));
});
