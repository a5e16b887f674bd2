/** The type of a command's word: what a template keeps of a value that changes from run to run. */

export type WordType = 'path' | 'number' | 'hash' | 'version' | 'url' | 'address' | 'text' | 'word';

const CHARS_MAX = 512;
const TYPES: readonly (readonly [WordType, RegExp])[] = [
  ['number', /^[-+]?\d[\d.,:]*(?:%|[smhdkKMGT]i?[bB]?)?$/],
  ['hash', /^(?=.*\d)(?:0x|sha\d+:)?[0-9a-f]{7,128}$/],
  ['url', /^(?:[a-z][a-z0-9+.-]*:\/\/|git@)/i],
  ['text', /[\s$`]/],
  ['path', /[/]|^~|^\.{1,2}$|[*?]|\.[A-Za-z][A-Za-z0-9]{0,5}$/],
];
const VERSION = /^v?\d+\.\d+(?:\.\d+)?(?:[-+.][\w.]+)?$/;
const ADDRESS = /^(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?:\/\d+)?$/;

/** A long word is typed by its first 512 characters. */
export function typeWord(word: string): WordType {
  const text = word.slice(0, CHARS_MAX);
  if (ADDRESS.test(text)) return 'address';
  if (/^v?\d+\.\d+\.\d/.test(text) && VERSION.test(text)) return 'version';
  return TYPES.find(([, pattern]) => pattern.test(text))?.[0] ?? 'word';
}
