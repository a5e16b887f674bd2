/** Notifications on the desktop: a program started without a shell, here one that writes down what it is given. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StepContext } from '../../../../src/engine/core/step-type.ts';
import { type DesktopPopup, desktopPopup, showPopup } from '../../../../src/steps/notify/desktop-popup.ts';
import { fakeContext } from '../fake-context.ts';
import { scratchFolder } from '../http/web.ts';
import { refusal } from './notifying.ts';

const WORDS = { title: 'Done', message: '-x $(touch evil) `touch evil` <b>&</b>\nline two' };

/** @param script the program, in `sh` */
function desktop(name: string, script: string): { readonly folder: string; readonly context: StepContext } {
  const folder = scratchFolder();
  const program = join(folder, name);
  writeFileSync(program, `#!/bin/sh\ncd ${folder}\n${script}\n`);
  chmodSync(program, 0o755);
  const environment = { PATH: process.env.PATH ?? '', TOKEN: 'secret' };
  const context = fakeContext({ type: 'notify', config: {}, environment });
  return { folder, context: { ...context, which: (asked) => (asked === name ? program : undefined) } };
}

function popup(context: StepContext): DesktopPopup {
  const made = desktopPopup(context, WORDS);
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

const KEEP =
  'for each in "$@"; do printf "%s\\0" "$each"; done > seen; env > env; [ -e evil ] && exit 3; exit 0';
const { signal } = new AbortController();

test('notify-send gets the words as they are, markup escaped, and no secret in its environment', async () => {
  const { folder, context } = desktop('notify-send', KEEP);
  expect(await showPopup(popup(context), signal)).toEqual({ ok: true, value: {} });
  const seen = readFileSync(join(folder, 'seen'), 'utf8').split('\0').slice(0, -1);
  const escaped = '-x $(touch evil) `touch evil` &lt;b&gt;&amp;&lt;/b&gt;\nline two';
  expect(seen).toEqual(['--app-name=Belay', '--', 'Done', escaped]);
  expect(existsSync(join(folder, 'evil'))).toBe(false);
  expect(readFileSync(join(folder, 'env'), 'utf8')).not.toContain('secret');
});

test('osascript gets them as arguments of a fixed script', async () => {
  const { folder, context } = desktop('osascript', KEEP);
  await showPopup(popup(context), signal);
  const seen = readFileSync(join(folder, 'seen'), 'utf8').split('\0').slice(0, -1);
  expect(seen.slice(-3)).toEqual(['--', WORDS.message, 'Done']);
  expect(seen.slice(0, -3).join('\n')).not.toContain('Done');
});

test('neither of them is there', async () => {
  expect(await refusal({ message: 'm', desktop: true })).toMatchObject({
    code: 'desktop_missing',
    retry: 'final',
  });
});

test('a program that fails says why', async () => {
  const { context } = desktop('notify-send', 'echo "no session bus" >&2; exit 1');
  const shown = await showPopup(popup(context), signal);
  expect(shown).toMatchObject({
    ok: false,
    error: { code: 'desktop_failed', retry: 'again', message: expect.stringContaining('no session bus') },
  });
});

test('a program that goes on for ever ends with the call', async () => {
  const { context } = desktop('notify-send', 'exec sleep 1000');
  const abort = new AbortController();
  const shown = showPopup(popup(context), abort.signal);
  abort.abort(new Error('enough'));
  await expect(shown).rejects.toThrow('enough');
});
