/**
 * What is wrong with a caller's text: data, returned all at once, never thrown.
 * Owns the shape, the list that collects them, and how a path is written. Does not word single diagnostics.
 */
import type { Json } from '../engine/core/model.ts';
import { HintBudget } from './did-you-mean.ts';

export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info';
  /** Stable machine word: `unknown_key`, `cycle`, … */
  readonly code: string;
  /** Lower case, the object in backticks, found and expected, no full stop. */
  readonly message: string;
  /** `steps[2].when`; '' for the whole definition. */
  readonly path: string;
  /** 1-based; absent when there is no text. */
  readonly line?: number;
  readonly column?: number;
  readonly file?: string;
  /** The next thing to do. */
  readonly hint?: string;
}

/** Keys and list positions from the root of the definition. */
export type Path = readonly (string | number)[];

/** Where to point: at the value of `path`, at its key, or at a character inside its text. */
export interface Place {
  readonly path: Path;
  readonly key?: boolean;
  /** Character of the scalar's value. */
  readonly offset?: number;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds lines and columns; a definition that came as a value has none. */
export interface Locator {
  readonly file?: string;
  locate(place: Place): Position | undefined;
  /** A scalar as written: `1.10` where the value is 1.1. */
  textOf?(path: Path): string | undefined;
}

export interface Finding extends Place {
  readonly severity?: Diagnostic['severity'];
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Where it is, when the path cannot tell: text that could not be read. */
  readonly at?: Position | undefined;
}

/** Errors that one text may have listed, and warnings; more errors than this are counted, not listed. */
const LISTED_MAX = 200;

export class DiagnosticList {
  readonly #locator: Locator;
  /** Shared by everything that looks for near names in this text. */
  readonly hints = new HintBudget();
  readonly #found: Diagnostic[] = [];
  #errors = 0;
  #warnings = 0;

  constructor(locator: Locator) {
    this.#locator = locator;
  }

  /** True when no more errors are listed: costly hints need not be made. */
  get full(): boolean {
    return this.#errors >= LISTED_MAX;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  add(finding: Finding): void {
    const severity = finding.severity ?? 'error';
    const count = severity === 'error' ? ++this.#errors : ++this.#warnings;
    if (count > LISTED_MAX) return;
    const { file } = this.#locator;
    this.#found.push({
      severity,
      code: finding.code,
      message: finding.message,
      path: formatPath(finding.path),
      ...(finding.at ?? this.#locator.locate(finding)),
      ...(file === undefined ? {} : { file }),
      ...(finding.hint === undefined ? {} : { hint: finding.hint }),
    });
  }

  /** In the order of the text. */
  sorted(): Diagnostic[] {
    const sorted = [...this.#found].sort(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
    if (this.#errors <= LISTED_MAX) return sorted;
    const message = `${this.#errors - LISTED_MAX} more errors are not listed`;
    return [...sorted, { severity: 'error', code: 'too_many_errors', message, path: '' }];
  }
}

/** `steps[2].outputs["a b"]` */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!/^[\w-]+$/.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** A found value, short enough for a message. */
export function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  const text = JSON.stringify(value);
  return text.length > 80 ? `\`${text.slice(0, 77)}…\`` : `\`${text}\``;
}
