/**
 * Colour for terminals, and text made safe for them.
 * Owns the few ANSI codes in use; who is a terminal and whether colour is wanted is for `terminal.ts`.
 */
import { showHidden } from '../tools/show-hidden.ts';

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

const paint =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;

export const colour: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
};

const same = (text: string): string => text;

export const plain: Style = { bold: same, dim: same, red: same, green: same, yellow: same };

/** What moves the cursor, colours or beeps. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /\u001b\[[\d;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text that others wrote, so that it cannot pass for something else on a terminal: without control characters, and with
 * the numbers of those that hide (`\\u{202e}`), so that whoever is asked sees that something is there.
 */
export const printable = (text: string): string => showHidden(text.replace(CONTROL, ''));
