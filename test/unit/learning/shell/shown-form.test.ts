/** Tests are shown as tests, everything else as it is. */
import { expect, test } from 'vitest';
import { readCommand } from '../../../../src/learning/shell/read-command.ts';
import { shownStub, shownTemplate, withShownStubs } from '../../../../src/learning/shell/shown-form.ts';

test('a test is named with both of its brackets', () => {
  expect([shownStub('['), shownStub('[['), shownStub('git add')]).toEqual([
    '`[ … ]`',
    '`[[ … ]]`',
    '`git add`',
  ]);
  expect(withShownStubs('`[` failed 3 of 4 times after `[[`, not `make`')).toBe(
    '`[ … ]` failed 3 of 4 times after `[[ … ]]`, not `make`',
  );
});

test.each([
  ['[ -f dist/index.html ]', '[ -f <path> ]'],
  ['[ -f Makefile ] && make -C web', '[ -f <word> ] && make -C <word>'],
  ['[[ -d dist/a ]] || mkdir dist/a', '[[ -d <path> ]] || mkdir <path>'],
  ['git commit -m "x"', 'git commit -m <text>'],
])('%s is shown as %s', (command, shown) => {
  expect(shownTemplate(readCommand(command).template)).toBe(shown);
});
