/**
 * What of a command line says whether it will fail: the part that its exit code comes from, what that part is given, and
 * what the line does to files. Texts become hashes: nothing here can be read back.
 */
import { hashText, mixHash } from '../rank/hash.ts';
import { nameCommand } from '../shell/name-command.ts';
import { readCommand } from '../shell/read-command.ts';
import { type SimpleCommand, simpleCommands } from '../shell/simple-commands.ts';
import { tokenizeShell } from '../shell/tokenize-shell.ts';
import { typeWord } from '../shell/type-word.ts';
import { type ProgramKind, programKind } from './program-kind.ts';
import { type ShellDocument, shellDocuments } from './shell-documents.ts';

export interface NamedFile {
  readonly path: number;
  /** Without its folder. */
  readonly name: number;
  readonly isPattern: boolean;
}

/** What a part of the line does to a file if it succeeds. */
export interface FileAct {
  readonly file: NamedFile;
  readonly act: 'write' | 'remove' | 'name';
  /** Named by the part that the exit code comes from. */
  readonly isExit: boolean;
}

export interface CommandShape {
  readonly stubName: string;
  readonly stub: number;
  readonly template: number;
  readonly raw: number;
  readonly parts: number;
  /** Stub of the part that the exit code comes from. */
  readonly exitName: string;
  /** Another one where it is guarded. */
  readonly exit: number;
  readonly kind: ProgramKind;
  /** `|| true` and its like: nothing can fail. */
  readonly isGuarded: boolean;
  readonly isPiped: boolean;
  /** Kinds of the parts that all have to succeed. */
  readonly chain: readonly ProgramKind[];
  readonly redirects: number;
  readonly words: readonly number[];
  /** Of the exit's part, without its flags. */
  readonly given: readonly number[];
  readonly flags: readonly number[];
  /** Names within what it is given. */
  readonly names: readonly number[];
  readonly files: readonly NamedFile[];
  readonly acts: readonly FileAct[];
  /** Files were written or changed, whatever the exit code says. */
  readonly isEdit: boolean;
  readonly documents: readonly ShellDocument[];
  readonly chars: number;
  readonly isLong: boolean;
}

const WORDS_CHARS_MAX = 1_500;
const WORDS_MAX = 60;
const GIVEN_MAX = 20;
const GIVEN_CHARS_MAX = 80;
const NAMES_MAX = 30;
const FILES_MAX = 24;
const GUARDED = 1;
const NEVER_FAILS = new Set(['true', ':', 'echo', 'printf']);
const EDITS =
  /^(?:sed -i|touch|mv|cp|patch|tee|black|gofmt|git (?:checkout|apply|stash|restore|reset|revert|merge|rebase|pull))/;
/** Whatever they are given names a file. */
const OF_FILES = new Set('ls cd cat cp mv rm rmdir mkdir touch stat less source'.split(' '));
const MAKES = new Set(['touch', 'mkdir', 'mv', 'cp']);

/** Any text has one. */
export function commandShape(line: string): CommandShape {
  const parts = simpleCommands(tokenizeShell(line));
  const stubs = parts.map((part) => nameCommand(part).stub);
  const { stub, template, raw } = readCommand(line);
  const { at, isGuarded } = exitOf(parts);
  const exit = parts[at];
  const exitName = stubs[at] ?? '';
  const documents = shellDocuments(line);
  const texts = (exit?.words.slice(1, GIVEN_MAX) ?? []).map(({ text }) => text.slice(0, GIVEN_CHARS_MAX));
  const given = texts.filter((text) => !text.startsWith('-'));
  const isPiped = exit?.joint === '|';
  return {
    stubName: stub,
    stub: hashText(stub),
    template: hashText(template),
    raw: hashText(raw),
    parts: hashText(stubs.join(' ')),
    exitName,
    exit: isGuarded ? mixHash(hashText(exitName), GUARDED) : hashText(exitName),
    kind: isGuarded ? 'quiet' : programKind(exitName, isPiped),
    isGuarded,
    isPiped,
    chain: chainOf(parts, at).map((i) => programKind(stubs[i] as string, parts[i]?.joint === '|')),
    redirects: hashText(exit?.redirections.map(({ operator }) => operator).join(',') ?? ''),
    words: (line.slice(0, WORDS_CHARS_MAX).match(/[\w.-]+|[|&><]+/g) ?? []).slice(0, WORDS_MAX).map(hashText),
    given: given.map(hashText),
    flags: texts.filter((text) => text.startsWith('-')).map(hashText),
    names: given
      .flatMap((text) => text.match(/[A-Za-z]+/g) ?? [])
      .slice(0, NAMES_MAX)
      .map(hashText),
    files: exit ? filesOf(exit) : [],
    acts: actsOf(parts, stubs, at),
    isEdit:
      documents.length > 0 ||
      stubs.some((name) => EDITS.test(name)) ||
      parts.some(({ redirections }) => redirections.some(isWrite)),
    documents,
    chars: line.length,
    isLong: line.includes('\n'),
  };
}

/** The part whose exit code the line's is: the last one, but for `|| true` behind it. */
function exitOf(parts: readonly SimpleCommand[]): { readonly at: number; readonly isGuarded: boolean } {
  const last = parts.length - 1;
  const end = parts[last];
  if (last < 1 || end?.joint !== '||' || !NEVER_FAILS.has(end.words[0]?.text ?? ''))
    return { at: Math.max(0, last), isGuarded: false };
  return { at: last - 1, isGuarded: true };
}

/** From the exit's part back to where `;` or `&` says that what was before does not count. */
function chainOf(parts: readonly SimpleCommand[], at: number): readonly number[] {
  const chain: number[] = [];
  for (let i = at; i >= 0; i -= 1) {
    const after = parts[i + 1]?.joint;
    if (i === at || after === '&&' || after === '||') chain.push(i);
    const { joint } = parts[i] ?? {};
    if (joint === ';' || joint === '&') break;
  }
  return chain;
}

function actsOf(
  parts: readonly SimpleCommand[],
  stubs: readonly string[],
  exitAt: number,
): readonly FileAct[] {
  const acts: FileAct[] = [];
  for (const [i, part] of parts.entries()) {
    const isExit = i === exitAt;
    for (const redirection of part.redirections.slice(0, FILES_MAX))
      if (isWrite(redirection)) acts.push({ file: fileOf(redirection.target), act: 'write', isExit: false });
    const name = stubs[i] as string;
    const files = filesOf(part);
    for (const [place, file] of files.entries()) {
      const isMade = MAKES.has(name) && (place === files.length - 1 || name === 'touch' || name === 'mkdir');
      const act = name === 'rm' || name === 'rmdir' ? 'remove' : isMade ? 'write' : 'name';
      acts.push({ file, act, isExit });
    }
  }
  return acts.slice(0, 2 * FILES_MAX);
}

const isWrite = ({ operator, target }: SimpleCommand['redirections'][number]): boolean =>
  operator.includes('>') && target !== '' && !/^(?:\d|-$|\/dev\/)/.test(target);

function filesOf({ words }: SimpleCommand): readonly NamedFile[] {
  const isOfFiles = OF_FILES.has(words[0]?.text ?? '');
  return words
    .slice(1)
    .filter(
      ({ text }) => !text.startsWith('-') && (isOfFiles || typeWord(text) === 'path' || /\.\w+$/.test(text)),
    )
    .filter(({ text }) => text.length < 512 && !/\s/.test(text))
    .slice(0, FILES_MAX)
    .map(({ text }) => fileOf(text));
}

function fileOf(text: string): NamedFile {
  // `file.py::test_one` is in that file
  const path = text.replace(/^\.\//, '').replace(/::.*$/, '').replace(/\/+$/, '') || '/';
  const name = path.split('/').at(-1) as string;
  return { path: hashText(path), name: hashText(name), isPattern: /[*?]/.test(path) };
}
