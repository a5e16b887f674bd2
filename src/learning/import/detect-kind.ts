/**
 * Which history a file is, by its name and by how it begins. Nothing is guessed: a text that says nothing of itself is no
 * history, however much its lines look like commands.
 */
import { recordOf, recordOn } from './json-line.ts';
import type { ImportKind } from './reading.ts';

const SQLITE = 'SQLite format 3\0';
const BASH_NAME = /(?:^|[._-])(?:bash|sh|ksh|shell)_?history$|^\.history$|^history(?:\.txt)?$/i;
const ZSH_NAME = /(?:^|[._-])(?:zsh_?history|zhistory|histfile)$/i;
const FISH_NAME = /fish_history$/i;
const WORKFLOW_PATH = /(?:^|\/)\.(?:github|forgejo|gitea)\/workflows\/[^/]+\.ya?ml$/;
/** Control characters that a text has hardly any of. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0001-\u0006\u000e-\u001a]/g;
const CONTROL_SHARE_MAX = 0.01;

/** `binary`: no text, and no database that is known. Undefined: a text that is no history. */
export function detectKind(path: string, head: Uint8Array): ImportKind | 'binary' | undefined {
  const slashed = path.replaceAll('\\', '/');
  const name = slashed.slice(slashed.lastIndexOf('/') + 1);
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  if (text.startsWith(SQLITE)) return 'atuin';
  if (isBinary(text)) return 'binary';
  if (name === 'package.json') return 'package';
  if (WORKFLOW_PATH.test(slashed)) return 'github';
  if (FISH_NAME.test(name) || /^- cmd: /.test(text)) return 'fish';
  if (ZSH_NAME.test(name) || /^: \d{9,11}:\d+;/m.test(text)) return 'zsh';
  return (
    kindOfLines(text) ?? (BASH_NAME.test(name) || /^#\d{9,11}$/m.test(text) ? 'bash' : kindOfYaml(name, text))
  );
}

const isBinary = (text: string): boolean =>
  text.includes('\0') || (text.match(CONTROL)?.length ?? 0) > text.length * CONTROL_SHARE_MAX;

/** By the first lines that are JSON; one that is cut off at the end of `head` is none. */
function kindOfLines(text: string): ImportKind | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  for (const line of text.split('\n')) {
    const record = recordOn(line);
    if (record && (Array.isArray(record.commands) || typeof record.command === 'string')) return 'lines';
    const isEntry = typeof record?.sessionId === 'string' || recordOf(record?.message) !== undefined;
    if (record && isEntry && typeof record.type === 'string') return 'claude';
    if (record?.type === 'summary' || record?.type === 'file-history-snapshot') return 'claude';
  }
  // the first line is longer than what was read
  if (/^\s*\{[^\n]{0,2000}"sessionId":/.test(text)) return 'claude';
  return /^\s*\{[^\n]{0,2000}"commands":\s*\[\s*"/.test(text) ? 'lines' : undefined;
}

const kindOfYaml = (name: string, text: string): ImportKind | undefined =>
  /\.ya?ml$/.test(name) && /^(?:on|["']on["']):/m.test(text) && /^jobs:/m.test(text) ? 'github' : undefined;
