/**
 * Puts the commands of one file together as sessions, within bounds.
 * 1. A session's key comes from what is in it, so the same history is learned once, from wherever it is read.
 * 2. Only the newest sessions that learning would keep are held, however long the file is.
 */
import { createHash } from 'node:crypto';
import {
  IMPORT_COMMAND_CHARS_MAX,
  IMPORT_STEPS_MAX,
  LEARNED_COMMAND_CHARS_MAX,
  LEARNED_SESSION_STEPS_MAX,
  LEARNED_WORDS_CHARS_MAX,
} from '../../engine/core/limits.ts';
import type { LearnedSession, LearnedStep } from '../learned-session.ts';
import { hashText } from '../rank/hash.ts';
import { redact } from '../redact.ts';
import type { ImportedCommand, ImportKind, Reading, SkipReason } from './reading.ts';

/** A longer pause begins a new session. */
const PAUSE_MS = 30 * 60_000;
/** Sessions of histories without times have about so many commands. */
const UNTIMED_COMMANDS = 64;

/** What a session is begun with. */
export interface Beginning {
  readonly goal?: string | undefined;
  readonly project?: string | undefined;
  readonly at?: number | undefined;
}

interface Open extends Beginning {
  readonly steps: LearnedStep[];
  lastAt: number | undefined;
}

export class SessionBuilder {
  readonly #kind: ImportKind;
  readonly #source: string;
  #sessions: LearnedSession[] = [];
  #kept = 0;
  #commands = 0;
  #open: Open | undefined;
  #before = '';
  readonly #skipped: Partial<Record<SkipReason, number>> = {};

  /** `source` is what all of it can be forgotten by. */
  constructor(kind: ImportKind, source: string) {
    this.#kind = kind;
    this.#source = source;
  }

  /** What follows belongs together, up to the next call. */
  begin(beginning: Beginning): void {
    this.close();
    this.#open = { ...beginning, steps: [], lastAt: beginning.at };
  }

  /** Of a history that marks no sessions: a pause, or a place in the text that stays the same, begins a new one. */
  flow(command: ImportedCommand): void {
    const { at } = command;
    if (command.command.trim() === '') return;
    const lastAt = this.#open?.lastAt;
    const isPaused = at !== undefined && lastAt !== undefined && Math.abs(at - lastAt) > PAUSE_MS;
    const isFull = (this.#open?.steps.length ?? 0) >= LEARNED_SESSION_STEPS_MAX;
    if (!this.#open || isPaused || isFull) this.begin({ at, project: command.place });
    this.add(command);
    if (at === undefined && this.#isBorder(command.command)) this.close();
  }

  /** Into the session that was begun. */
  add({ command, at, exitCode, durationMs, place, intent }: ImportedCommand): void {
    const open = this.#open;
    const text = command.trim();
    if (text === '' || open === undefined) return;
    if (text.length > IMPORT_COMMAND_CHARS_MAX) {
      this.skip('too_long');
      return;
    }
    if (text.includes('\0')) {
      this.skip('binary');
      return;
    }
    open.lastAt = at ?? open.lastAt;
    this.#commands += 1;
    open.steps.push({
      command: shortened(text, LEARNED_COMMAND_CHARS_MAX),
      exitCode,
      durationMs,
      place,
      intent: shortenedWords(intent),
    });
    if (open.steps.length >= 2 * LEARNED_SESSION_STEPS_MAX) {
      const { goal, project, lastAt } = open;
      this.begin({ goal, project, at: lastAt });
    }
  }

  /** Something that was left out. */
  skip(reason: SkipReason, count = 1): void {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + count;
  }

  end(): Reading {
    this.close();
    this.#makeRoom(IMPORT_STEPS_MAX);
    return {
      kind: this.#kind,
      sessions: this.#sessions,
      commands: this.#commands,
      skipped: this.#skipped,
    };
  }

  /** Known by the last commands alone, so that sessions are the same when the history has lost its beginning. */
  #isBorder(command: string): boolean {
    const ending = command.slice(-1_000);
    const hash = hashText(`${this.#before}\n${ending}`);
    this.#before = ending;
    return hash % UNTIMED_COMMANDS === 0;
  }

  /** What follows is of another session. */
  close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open || open.steps.length === 0) return;
    const { goal, project = '', at = 0, steps } = open;
    const key = this.#keyOf(open);
    this.#sessions.push({ key, source: this.#source, at, goal: shortenedWords(goal), project, steps });
    this.#kept += steps.length;
    // not at each session: what is held is copied
    this.#makeRoom(2 * IMPORT_STEPS_MAX);
  }

  #keyOf({ goal, at, steps }: Open): string {
    const digest = createHash('sha256').update(JSON.stringify([this.#kind, at ?? 0, goal ?? '']));
    for (const { command, place } of steps) digest.update(JSON.stringify([command, place ?? '']));
    return `import:${this.#kind}:${digest.digest('hex').slice(0, 40)}`;
  }

  #makeRoom(keptMax: number): void {
    if (this.#kept <= keptMax) return;
    let from = 0;
    while (this.#kept > IMPORT_STEPS_MAX && from < this.#sessions.length - 1) {
      const { length } = this.#sessions[from]!.steps;
      this.#kept -= length;
      this.#commands -= length;
      this.skip('old', length);
      from += 1;
    }
    this.#sessions = this.#sessions.slice(from);
  }
}

/** Without secrets before it is cut, so that no half of one stays at the end. */
const shortened = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : redact(text.slice(0, IMPORT_COMMAND_CHARS_MAX)).text.slice(0, charsMax);

const shortenedWords = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : shortened(text, LEARNED_WORDS_CHARS_MAX) || undefined;
