/** What has begun to be typed is found in the log, however sure the ranking is of something else. */
import { expect, test } from 'vitest';
import type { CommandModel } from '../../../../src/learning/command-model.ts';
import { FailureModel } from '../../../../src/learning/failure/failure-model.ts';
import { SlotModel } from '../../../../src/learning/slots/slot-model.ts';
import { suggestCommands } from '../../../../src/tools/learning/suggest-commands.ts';

/** A ranking that knows one command, and a log that knows another. */
function suggested(label: string, logged: string, question: { prefix?: string; recent?: readonly string[] }) {
  const sure = { label, confidence: 1, example: label, reasons: [], times: 9 };
  const commands = {
    begin: () => ({}),
    follow: () => {},
    predict: () => ({ suggestions: { stub: [], template: [], raw: [sure] } }),
  } as unknown as CommandModel;
  const log = {
    followers: () => ({ total: 12, byStub: new Map([['[', 11]]) }),
    timesOf: () => 0,
    startingWith: () => [{ command: logged, times: 3 }],
  };
  const models = { commands, slots: new SlotModel(), failures: new FailureModel() };
  return suggestCommands(models, log, { recent: [], limit: 5, ...question });
}

test('a ranking that is sure of another command leaves room for what was run before and begins so', () => {
  const [first] = suggested('ls', 'zebra run', { prefix: 'ze' });
  expect(first).toEqual({
    command: 'zebra run',
    confidence: 0.75,
    reasons: ['3 of 3 commands that begin so'],
  });
});

test.each([
  ['vault kv put app password=*** token=***', 'vault kv put app password=<password> token=<token>'],
  ['export AWS_SECRET_ACCESS_KEY=***', 'export AWS_SECRET_ACCESS_KEY=<aws_secret_access_key>'],
  ['echo "**** done ****"', 'echo "**** done ****"'],
  ["rsync -a --include='dist/***' a b", "rsync -a --include='dist/***' a b"],
  ['echo "*** Building ***"', 'echo "*** Building ***"'],
])('what was a secret is a place to be filled in: %s', (learned, shown) => {
  expect(suggested(learned, learned, {})[0]?.command).toBe(shown);
  const prefix = learned.slice(0, 6);
  expect(suggested('ls', learned, { prefix })[0]?.command).toBe(shown);
});

test('a reason names a test with both of its brackets', () => {
  const [first] = suggested('[ -f a ]', '', { recent: ['git push'] });
  expect(first?.reasons).toContain('after `git push` you ran `[ … ]` 11 of 12 times');
});
