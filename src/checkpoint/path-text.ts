/**
 * Paths as bytes and as text. Inside, a path is a byte path: a string with one character for each byte of the name, so
 * that every name keeps its bytes, costs one byte a character, and sorts as bytes. Outside, it is text that fits into JSON.
 * 1. `bytePath(pathText(path)) === path` for every byte path.
 */

const BEYOND_ASCII = /[\x80-\xff]/;
const VERBATIM = /^[^\\\u0080-\uffff]*$/;
/** A backslash, a run of whole UTF-8 sequences (RFC 3629, section 4), or a byte that begins none. */
const PIECES =
  /\\|(?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+|[\x80-\xff]/g;

/** The text of a byte path: UTF-8 as it reads, a backslash doubled, other bytes as `\xNN`. */
export function pathText(path: string): string {
  if (VERBATIM.test(path)) return path;
  return path.replace(PIECES, (piece) => {
    if (piece === '\\') return '\\\\';
    if (piece.length === 1) return `\\x${piece.charCodeAt(0).toString(16)}`;
    return Buffer.from(piece, 'latin1').toString('utf8');
  });
}

/** The byte path that a text stands for. */
export function bytePath(text: string): string {
  if (VERBATIM.test(text)) return text;
  return rawBytes(text).replace(/\\(?:\\|x([89a-f][0-9a-f]))/g, (_, hex?: string) =>
    hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Text as the file system holds it, where it is no path in our notation (a name from the environment, a pattern). */
export const rawBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** What Node's file functions take for a byte path. */
export function fsPath(path: string): string | Buffer {
  return BEYOND_ASCII.test(path) ? Buffer.from(path, 'latin1') : path;
}
