/**
 * Zsh's history file: `: <epoch>:<seconds>;<command>` with `EXTENDED_HISTORY`, else the command alone; a newline in a
 * command stands behind a backslash. Bytes that mean something to zsh are metafied: 0x83, then the byte xor 0x20.
 */
import type { SessionBuilder } from './session-builder.ts';

const META = 0x83;
const EXTENDED = /^: ?(\d{9,11}):(\d{1,9});/;
const LINES_MAX = 5_000;

export function readZshHistory(lines: Iterable<Uint8Array>, to: SessionBuilder): void {
  let held: string[] = [];
  const hand = (): void => {
    const text = held.join('\n');
    held = [];
    const [head, seconds, took] = EXTENDED.exec(text) ?? [];
    const command = head === undefined ? text : text.slice(head.length);
    const at = seconds === undefined ? undefined : Number(seconds) * 1_000;
    to.flow({ command, at, durationMs: took === undefined ? undefined : Number(took) * 1_000 });
  };
  for (const bytes of lines) {
    const line = unmetafied(bytes);
    const isGoingOn = isOpen(line) && held.length < LINES_MAX;
    held.push(isGoingOn ? line.slice(0, -1) : line.replace(/\\ $/, '\\'));
    if (!isGoingOn) hand();
  }
  if (held.length > 0) hand();
}

/** One backslash at the end; two are one that was typed, and zsh writes a blank behind one that ends a command. */
function isOpen(line: string): boolean {
  let count = 0;
  while (line[line.length - 1 - count] === '\\') count += 1;
  return count % 2 === 1;
}

function unmetafied(bytes: Uint8Array): string {
  if (!bytes.includes(META))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  const plain = Buffer.alloc(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] as number;
    if (byte === META && i + 1 < bytes.length) {
      i += 1;
      plain[length] = (bytes[i] as number) ^ 0x20;
    } else plain[length] = byte;
    length += 1;
  }
  return plain.toString('utf8', 0, length);
}
