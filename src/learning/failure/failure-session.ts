/**
 * What one session's commands came to, as far as it says something of the next: how each form of a command ended last,
 * and whether files were written since; what is known of the files; the words that were used. Hashes only. Bounded.
 */
import { hashText, mixHash } from '../rank/hash.ts';
import { RecentMap } from '../rank/recent-map.ts';
import { type CommandShape, commandShape, type FileAct, type NamedFile } from './command-shape.ts';
import { type ProgramKind, programKind } from './program-kind.ts';
import type { ShellDocument } from './shell-documents.ts';

const ENDINGS_MAX = 10_000;
const FILES_MAX = 4_000;
const DOCUMENTS_MAX = 400;
const WORDS_MAX = 10_000;
const LAST_MAX = 5;

/** How commands of one form ended in this session. */
export interface Endings {
  failed: boolean;
  failures: number;
  times: number;
  /** Edits there had been by then. */
  edits: number;
}

export type Form = 'raw' | 'target' | 'stub' | 'exit' | 'kind';

export interface FileState {
  readonly made: 'written' | 'removed' | 'named';
  /** How the last command ended whose exit code came from a part that named it. */
  readonly failed: boolean | undefined;
}

interface Before {
  readonly stub: number;
  readonly stubName: string;
  readonly kind: ProgramKind;
}

const FORMS: Readonly<Record<Form, number>> = { raw: 1, target: 2, stub: 3, exit: 4, kind: 5 };
const PATH = 6;
const NAME = 7;

/** Begun by the caller for each session and kept by it; `follow` takes each command in when it has ended. */
export class FailureSession {
  readonly #endings = new RecentMap<number, Endings>(ENDINGS_MAX);
  readonly #files = new RecentMap<number, FileState>(FILES_MAX);
  readonly #documents = new RecentMap<number, ShellDocument>(DOCUMENTS_MAX);
  readonly #words = new RecentMap<number, true>(WORDS_MAX);
  /** Newest last. */
  #outcomes: readonly (boolean | undefined)[] = [];
  before: Before | undefined;
  /** The stub of the one before that. */
  earlier = 0;
  steps = 0;
  failures = 0;
  /** Failures on end. */
  run = 0;
  edits = 0;

  /** Takes in a command and whether it failed; undefined where nobody knows. */
  follow(command: string, failed: boolean | undefined): void {
    this.take(commandShape(command), failed);
  }

  /** The same, of a command that was read already. */
  take(shape: CommandShape, failed: boolean | undefined): void {
    if (failed !== undefined) this.#end(shape, failed);
    for (const document of shape.documents) this.#documents.set(document.file, document);
    for (const act of shape.acts) this.#act(act, failed);
    if (shape.isEdit) this.edits += 1;
    for (const word of [...shape.words, ...shape.given]) this.#words.set(word, true);
    this.earlier = this.before?.stub ?? 0;
    this.before = {
      stub: shape.stub,
      stubName: shape.stubName,
      kind: programKind(shape.stubName, false),
    };
    this.#outcomes = [...this.#outcomes, failed].slice(-LAST_MAX);
    this.steps += 1;
    this.failures += failed ? 1 : 0;
    if (failed !== undefined) this.run = failed ? this.run + 1 : 0;
  }

  endings(form: Form, hash: number): Endings | undefined {
    return this.#endings.get(mixHash(FORMS[form], hash));
  }

  /** Of the last five, the newest last. */
  get outcomes(): readonly (boolean | undefined)[] {
    return this.#outcomes;
  }

  /** What is known of a file: of that path, else of one with that name. */
  file({ path, name }: NamedFile): FileState | undefined {
    return this.#files.get(mixHash(PATH, path)) ?? this.#files.get(mixHash(NAME, name));
  }

  /** What was written into a file of that name. */
  document(name: number): ShellDocument | undefined {
    return this.#documents.get(name);
  }

  isKnown(word: number): boolean {
    return this.#words.get(word) === true;
  }

  #end(shape: CommandShape, failed: boolean): void {
    for (const [form, hash] of formsOf(shape)) {
      const key = mixHash(FORMS[form], hash);
      const ending = this.#endings.take(key, () => ({ failed, failures: 0, times: 0, edits: 0 }));
      ending.failed = failed;
      ending.failures += failed ? 1 : 0;
      ending.times += 1;
      ending.edits = this.edits;
    }
  }

  #act({ file, act, isExit }: FileAct, failed: boolean | undefined): void {
    const known = this.#files.get(mixHash(PATH, file.path));
    // `rm` takes away what it finds, also where something else was missing
    const done = act === 'remove' ? 'removed' : act === 'write' ? 'written' : undefined;
    const state: FileState = {
      made: done ?? known?.made ?? 'named',
      failed: isExit && failed !== undefined ? failed : done === 'written' ? undefined : known?.failed,
    };
    this.#files.set(mixHash(PATH, file.path), state);
    this.#files.set(mixHash(NAME, file.name), state);
  }
}

/** What the endings of a command are kept under. */
export function formsOf({
  raw,
  exit,
  stub,
  kind,
  files,
}: CommandShape): readonly (readonly [Form, number])[] {
  return [
    ['raw', raw],
    ['target', mixHash(exit, files[0]?.path ?? 0)],
    ['stub', stub],
    ['exit', exit],
    ['kind', hashText(kind)],
  ];
}
