/**
 * What a command line writes into files by here-documents: of each, the file's name and what is in it, as hashes of its
 * names and of the few traits that say whether a script can fail. Bounded, one pass.
 */
import { hashText, mixHash } from '../rank/hash.ts';

export interface ShellDocument {
  /** Hash of the file's name without its folder; of '' where a program reads it. */
  readonly file: number;
  readonly words: readonly number[];
  readonly traits: readonly number[];
}

const CHARS_MAX = 32_768;
const DOCUMENTS_MAX = 8;
const BODY_CHARS_MAX = 6_000;
const WORDS_MAX = 100;
const OPENING = /<<-?\s*\\?['"]?(\w+)['"]?/;
const TARGET = /(?:(?:^|[^\d&>])>>?|\btee(?: -a)?)\s*([^\s;|&<>]+)/;
const TRAIT = 0x7a17;
const TRAITS: readonly RegExp[] = [
  /\bassert\b/,
  /\bexit\s*\(|\bexit [1-9]/,
  /\b(?:raise|throw|panic)\b/,
  /\btry\b/,
  /\bexcept Exception|\bcatch\b/,
  /__main__/,
  /unittest|TestCase|\bdescribe\(|\btesting\.T\b/,
  /def test_|\bit\(|\btest\(/,
  /\bopen\s*\(|readFile/,
  /\.replace\s*\(|writelines|\.write\s*\(|writeFile/,
  /subprocess|os\.system|child_process/,
  /set -e/,
];

export function shellDocuments(line: string): readonly ShellDocument[] {
  if (!line.includes('<<')) return [];
  const lines = line.slice(0, CHARS_MAX).split('\n');
  const documents: ShellDocument[] = [];
  for (let i = 0; i < lines.length && documents.length < DOCUMENTS_MAX; i += 1) {
    const opening = lines[i] as string;
    const end = OPENING.exec(opening)?.[1];
    if (end === undefined) continue;
    const from = i + 1;
    i = from;
    while (i < lines.length && (lines[i] as string).trim() !== end) i += 1;
    const target = TARGET.exec(opening)?.[1] ?? '';
    documents.push(readDocument(target, lines.slice(from, i).join('\n').slice(0, BODY_CHARS_MAX)));
  }
  return documents;
}

function readDocument(target: string, body: string): ShellDocument {
  const names = new Set(body.match(/[A-Za-z_][\w.]{0,60}/g));
  const traits = TRAITS.flatMap((pattern, i) => (pattern.test(body) ? [mixHash(TRAIT, i)] : []));
  traits.push(mixHash(TRAIT + 1, Math.round(Math.log2(body.length + 1))));
  return {
    file: hashText(target.replace(/['"]/g, '').split('/').at(-1) as string),
    words: [...names].slice(0, WORDS_MAX).map(hashText),
    traits,
  };
}
