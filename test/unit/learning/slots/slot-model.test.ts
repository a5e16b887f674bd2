import { expect, test } from 'vitest';
import { readCommand, readSlots } from '../../../../src/learning/shell/read-command.ts';
import { SlotModel, type SlotModelState } from '../../../../src/learning/slots/slot-model.ts';
import { SlotSession } from '../../../../src/learning/slots/slot-session.ts';
import { wholeState } from '../../../../src/learning/state-check.ts';

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

test('of the first command of a session no reason speaks of a command before', () => {
  const open = { stub: 'nl', slot: 'argument 0', type: 'path', filled: [] } as const;
  const [first] = taught().predict(new SlotSession(), open, 1);
  expect(first?.reason).toBe('1 of 12 times at the beginning of a session');
});

test('of a session that holds nothing no reason speaks of what it holds', () => {
  const model = new SlotModel();
  for (let i = 0; i < 8; i += 1) learn(model, new SlotSession(), 'git checkout main-7');
  const merge = { stub: 'git merge', slot: 'argument 0', type: 'word', filled: [] } as const;
  const [other] = model.predict(new SlotSession(), merge, 1);
  expect(other).toMatchObject({ value: 'main-7', reason: 'came in commands like this one' });
  const lines = { stub: 'head', slot: '-n', type: 'number', filled: [], intent: 'Show 42 lines' } as const;
  const [told] = model.predict(new SlotSession(), lines, 1);
  expect(told).toMatchObject({ value: '42', reason: 'named in the words of the step' });
});

test('a slot never seen has no proposal', () => {
  const open = { stub: 'new', slot: '-x', type: 'word', filled: [] } as const;
  expect(taught().predict(new SlotSession(), open, 3)).toEqual([]);
});

test('the file that was written just before is what is run', () => {
  const model = new SlotModel();
  const write = (session: SlotSession, file: string): void =>
    model.learn(session, { stub: 'cat <<', slots: [], written: [file] });
  for (let i = 0; i < 20; i += 1) {
    const session = new SlotSession();
    learn(model, session, 'cat README.md');
    write(session, `try${i}.py`);
    learn(model, session, `python try${i}.py`);
  }
  const session = new SlotSession();
  learn(model, session, 'cat README.md');
  write(session, 'other.py');
  const open = { stub: 'python <file>', slot: 'argument 0', type: 'path', filled: [] } as const;
  expect(model.predict(session, open, 1)[0]).toMatchObject({
    value: 'other.py',
    reason: 'written by the command before',
  });
});

test('files are taken up in the order in which they came', () => {
  const model = new SlotModel();
  const makes = (session: SlotSession, files: readonly string[]): void => {
    for (const file of files) learn(model, session, `touch ${file}`);
  };
  for (let i = 0; i < 30; i += 1) {
    const session = new SlotSession();
    const files = [`a${i}.txt`, `b${i}.txt`, `c${i}.txt`];
    makes(session, files);
    learn(model, session, `rm ${files.join(' ')}`);
  }
  const session = new SlotSession();
  makes(session, ['x.txt', 'y.txt', 'z.txt']);
  const filled = [{ slot: 'argument 0', type: 'path', value: 'x.txt' }] as const;
  const [first] = model.predict(session, { stub: 'rm', slot: 'argument 1', type: 'path', filled }, 1);
  expect(first?.value).toBe('y.txt');
});

test('a value goes with the directory where that decides, and with what the words name', () => {
  const model = new SlotModel();
  for (let i = 0; i < 40; i += 1) {
    const place = i % 2 === 0 ? '/api' : '/web';
    const target = { slot: 'argument 0', type: 'word', value: place.slice(1) } as const;
    model.learn(new SlotSession(), { stub: 'run', slots: [target], written: [], place });
    const file = `docs/page${i}.md`;
    const shown = { slot: 'argument 0', type: 'path', value: file } as const;
    model.learn(new SlotSession(), { stub: 'show', slots: [shown], written: [], intent: `Read ${file} now` });
  }
  const target = { stub: 'run', slot: 'argument 0', type: 'word', filled: [] } as const;
  expect(model.predict(new SlotSession(), { ...target, place: '/api' }, 1)[0]?.value).toBe('api');
  expect(model.predict(new SlotSession(), { ...target, place: '/web' }, 1)[0]?.value).toBe('web');
  const page = { stub: 'show', slot: 'argument 0', type: 'path', filled: [] } as const;
  const told = { ...page, intent: 'Read docs/other.md now' };
  expect(model.predict(new SlotSession(), told, 1)[0]).toMatchObject({
    value: 'docs/other.md',
    reason: 'named in the words of the step',
  });
});

test('where the template is known, a value goes with what stands behind its slot', () => {
  const model = new SlotModel();
  const learned = (session: SlotSession, command: string): void => {
    const { stub, template } = readCommand(command);
    model.learn(session, { stub, template, ...readSlots(command) });
  };
  for (let i = 0; i < 20; i += 1) {
    const lines = ['use module', `assign HOST 10.0.0.${i}`, 'use module', `assign PORT ${8000 + i}`];
    for (const line of i % 2 === 0 ? lines : lines.toReversed()) learned(new SlotSession(), line);
  }
  const open = { stub: 'assign', slot: 'argument 0', type: 'word', filled: [] } as const;
  const first = (command: string): string | undefined =>
    model.predict(new SlotSession(), { ...open, template: readCommand(command).template }, 1)[0]?.value;
  expect(first('assign X 10.9.9.9')).toBe('HOST');
  expect(first('assign X 9999')).toBe('PORT');
});

test('written files that are still there are taken up in their order, whatever else was held between', () => {
  const model = new SlotModel();
  const write = (session: SlotSession, file: string): void =>
    model.learn(session, { stub: 'cat <<', slots: [], written: [file] });
  const work = (session: SlotSession, files: readonly string[], read: string): void => {
    for (const file of files) {
      write(session, file);
      learn(model, session, `nl src/${read}-${file}`);
    }
  };
  for (let i = 0; i < 40; i += 1) {
    const session = new SlotSession();
    const files = [`a${i}.py`, `b${i}.py`, `c${i}.py`];
    work(session, files, `${i}`);
    learn(model, session, `rm ${files.join(' ')}`);
  }
  const session = new SlotSession();
  work(session, ['x.py', 'gone.py', 'y.py', 'z.py'], 'new');
  learn(model, session, 'rm gone.py');
  const filled = [{ slot: 'argument 0', type: 'path', value: 'x.py' }] as const;
  const [next] = model.predict(session, { stub: 'rm', slot: 'argument 1', type: 'path', filled }, 1);
  expect(next?.value).toBe('y.py');
});

test('a file goes with the lines of it that were shown', () => {
  const model = new SlotModel();
  const work = (session: SlotSession, one: string, other: string, line: number): void => {
    learn(model, session, `part ${line},${line + 30}p ${one}`);
    learn(model, session, `part ${line + 700},${line + 730}p ${other}`);
  };
  for (let i = 0; i < 60; i += 1) {
    const session = new SlotSession();
    const [one, other] = [`src/one${i}.py`, `src/other${i}.py`];
    const line = 100 + 13 * i;
    work(session, one, other, line);
    learn(model, session, i % 2 === 0 ? `edit ${line + 8}d ${one}` : `edit ${line + 709}d ${other}`);
  }
  const session = new SlotSession();
  work(session, 'src/fresh.py', 'src/new.py', 2000);
  const file = (told: string): string | undefined => {
    const filled = [{ slot: 'argument 0', type: 'word', value: told }] as const;
    return model.predict(session, { stub: 'edit', slot: 'argument 1', type: 'path', filled }, 1)[0]?.value;
  };
  expect(file('2011d')).toBe('src/fresh.py');
  expect(file('2711d')).toBe('src/new.py');
});

test('where each value is a new one, none is likely', () => {
  const model = new SlotModel();
  for (let i = 0; i < 60; i += 1)
    learn(model, new SlotSession(), `git commit -m "change number ${i * 7919}"`);
  const open = { stub: 'git commit', slot: '-m', type: 'text', filled: [] } as const;
  const proposals = model.predict(new SlotSession(), open, 5);
  expect(proposals.reduce((sum, { confidence }) => sum + confidence, 0)).toBeLessThan(0.3);
});

test('of a slot that was seen twice nobody is sure, and confidences add up to no more than one', () => {
  const model = new SlotModel();
  for (let i = 0; i < 2; i += 1) learn(model, new SlotSession(), 'ssh admin@host');
  const open = { stub: 'ssh', slot: 'argument 0', type: 'word', filled: [] } as const;
  expect(model.predict(new SlotSession(), open, 1)[0]?.confidence).toBeLessThanOrEqual(0.75);
  const session = new SlotSession();
  const many = taught();
  for (let i = 0; i < 30; i += 1) learn(many, session, `ssh host${i}`);
  const sum = many.predict(session, open, 100).reduce((all, { confidence }) => all + confidence, 0);
  expect(sum).toBeLessThanOrEqual(1.05);
});

test('a session that is followed knows what one that is learned knows', () => {
  const model = taught();
  const copy = SlotModel.restore(structuredClone(model.snapshot()));
  const [learned, followed] = [new SlotSession(), new SlotSession()];
  for (const command of ['nl one.py', 'nl two.py > out.txt', 'vi two.py', 'ssh admin@other']) {
    const filled = { stub: readCommand(command).stub, ...readSlots(command) };
    model.learn(learned, filled);
    copy.follow(followed, filled);
  }
  const open = { stub: 'vi', slot: 'argument 0', type: 'path', filled: [] } as const;
  expect(copy.predict(followed, open, 5)).toEqual(copy.predict(learned, open, 5));
});

test('values that are too long are left out, and many values cost no more than few', () => {
  const model = taught();
  const session = new SlotSession();
  const long = 'x'.repeat(1_000_000);
  model.learn(session, {
    stub: 'echo',
    slots: [{ slot: 'argument 0', type: 'word', value: long }],
    written: [long],
  });
  const open = { stub: 'echo', slot: 'argument 0', type: 'word', filled: [], intent: long } as const;
  expect(model.predict(session, open, 100).some(({ value }) => value.length > 1000)).toBe(false);
  for (let i = 0; i < 500; i += 1) learn(model, session, `nl file${i}.py`);
  const paths = { stub: 'nl', slot: 'argument 0', type: 'path', filled: [] } as const;
  expect(model.predict(session, paths, 1_000).length).toBeLessThanOrEqual(120);
});

test('a restored model proposes the same, and goes on as the first one would', () => {
  const model = taught();
  const again = SlotModel.restore(structuredClone(model.snapshot()));
  const open = { stub: 'ssh', slot: 'argument 0', type: 'word', filled: [] } as const;
  expect(again.predict(new SlotSession(), open, 5)).toEqual(model.predict(new SlotSession(), open, 5));
  for (const each of [model, again])
    for (const command of ['ssh other', 'nl part3.py', 'vi part3.py'])
      learn(each, new SlotSession(), command);
  expect(again.snapshot()).toEqual(model.snapshot());
});

test('a broken state is refused', () => {
  const broken = (breaks: (state: SlotModelState) => unknown): boolean => {
    const state = structuredClone(taught().snapshot());
    breaks(state);
    return !wholeState(() => SlotModel.restore(state)).ok;
  };
  expect(broken(() => {})).toBe(false);
  expect(broken(({ trust }) => trust.places.fill(2 ** 30))).toBe(true);
  expect(broken(({ trust }) => trust.numbers.fill(-1))).toBe(true);
  expect(broken(({ mixer }) => mixer.weights.fill(Number.NaN))).toBe(true);
  expect(broken(({ mixer }) => mixer.keys.fill(7))).toBe(true);
  expect(broken(({ mixer }) => mixer.keys.fill(-2))).toBe(true);
  expect(broken(({ mixer }) => mixer.pairs.numbers.fill(Number.POSITIVE_INFINITY))).toBe(true);
  expect(broken(({ values }) => values.texts.sizes.fill(2))).toBe(true);
  expect(broken(({ counts }) => counts.keys.fill(1))).toBe(true);
});
