/** What has begun to be typed is found in the log, however sure the ranking is of something else. */
import { expect, test } from 'vitest';
import type { CommandModel } from '../../../../src/learning/command-model.ts';
import { FailureModel } from '../../../../src/learning/failure/failure-model.ts';
import { SlotModel } from '../../../../src/learning/slots/slot-model.ts';
import { suggestCommands } from '../../../../src/tools/learning/suggest-commands.ts';

test('a ranking that is sure of another command leaves room for what was run before and begins so', () => {
  const sure = { label: 'ls', confidence: 1, example: 'ls', reasons: [], times: 9 };
  const commands = {
    begin: () => ({}),
    predict: () => ({ suggestions: { stub: [], template: [], raw: [sure] } }),
  } as unknown as CommandModel;
  const log = {
    followers: () => ({ total: 0, byStub: new Map() }),
    timesOf: () => 0,
    startingWith: () => [{ command: 'zebra run', times: 3 }],
  };
  const models = { commands, slots: new SlotModel(), failures: new FailureModel() };
  const [first] = suggestCommands(models, log, { recent: [], prefix: 'ze', limit: 5 });
  expect(first).toEqual({
    command: 'zebra run',
    confidence: 0.75,
    reasons: ['3 of 3 commands that begin so'],
  });
});
