import { expect, test } from 'vitest';
import { askForm, askValue } from '../../../src/cli/form.ts';
import { fakeTerminal } from './fake-world.ts';

const schema = {
  type: 'object',
  properties: {
    approved: { type: 'boolean', title: 'Approve' },
    replicas: { type: 'integer', minimum: 1 },
    region: { type: 'string', enum: ['eu', 'us'], default: 'eu' },
    reason: { type: 'string' },
  },
  required: ['approved', 'replicas'],
};

test('asks each field until it fits; empty means the default, or nothing where nothing is needed', async () => {
  const terminal = fakeTerminal({ lines: ['maybe', 'yes', '0', 'x', '3', 'mars', '', ''] });
  expect(await askForm(terminal, 'Go?', schema)).toEqual({ approved: true, replicas: 3, region: 'eu' });
  expect(terminal.written.err).toContain('expected a boolean, found `"maybe"`');
  expect(terminal.written.err).toContain('expected at least 1, found 0');
  expect(terminal.written.err).toContain('expected an integer, found `"x"`');
  expect(terminal.written.err).toContain('expected one of `eu`, `us`');
  expect(terminal.written.out).toBe('');
});

test('an empty line is no answer to a required field', async () => {
  const terminal = fakeTerminal({ lines: ['', 'n', '1', 'us', 'because'] });
  expect(await askForm(terminal, 'Go?', schema)).toEqual({
    approved: false,
    replicas: 1,
    region: 'us',
    reason: 'because',
  });
});

test('leaving in the middle answers nothing', async () => {
  expect(await askForm(fakeTerminal({ lines: ['y'] }), 'Go?', schema)).toBeUndefined();
});

test('a prompt cannot dress itself up', async () => {
  const terminal = fakeTerminal({ lines: [] });
  await askForm(terminal, 'Go\u001b[1A\u001b[2K?', {
    properties: {
      a: { type: 'string', title: '\u001b[2Kx', description: 'to \u202enna', default: '\u2066' },
    },
  });
  for (const hidden of ['\u001b', '\u202e', '\u2066']) expect(terminal.written.err).not.toContain(hidden);
  expect(terminal.written.err).toContain('x (to \\u{202e}nna) default "\\u{2066}"');
});

test('one value is asked until it fits', async () => {
  const terminal = fakeTerminal({ lines: ['perhaps', '', 'leave'] });
  expect(await askValue(terminal, 'Done?', { type: 'string', enum: ['done', 'leave'] })).toBe('leave');
  expect(terminal.written.err).toContain('expected one of `done`, `leave`');
  expect(await askValue(fakeTerminal({ lines: [] }), 'Done?', { type: 'string' })).toBeUndefined();
});
