/** What the readers of histories share: the kinds they read, what they hand on, and why something is left out. */
import type { LearnedSession } from '../learned-session.ts';

export const IMPORT_KINDS = ['bash', 'zsh', 'fish', 'atuin', 'claude', 'github', 'package', 'lines'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** Why a command, or a piece of a file, was left out. */
export type SkipReason =
  /** Longer than anybody types: data, not a command. */
  | 'too_long'
  | 'binary'
  /** A line that is no JSON, or not of the form of its file. */
  | 'broken'
  /** It was refused or taken back before it ran. */
  | 'not_run'
  /** By whoever typed it, from the history itself. */
  | 'deleted'
  /** Beyond what learning keeps: older than the newest that fit. */
  | 'old';

export interface Reading {
  readonly kind: ImportKind;
  readonly sessions: readonly LearnedSession[];
  readonly commands: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
}

/** A command as a history has it. */
export interface ImportedCommand {
  readonly command: string;
  /** Epoch ms. */
  readonly at?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly place?: string | undefined;
  readonly intent?: string | undefined;
}
