/**
 * The marks of a script: where they are, how each is quoted, and which are refused. A mark is the character that
 * stands for a value (`{{ }}`).
 * 1. A mark keeps the first reason it was refused for.
 * 2. While a region is read every mark in it is refused, however deep.
 */
import type { Quoting } from './shell-word.ts';

export class ShellMarks {
  readonly placed = new Map<number, Quoting>();
  readonly refused = new Map<number, string>();
  /** Positions of all marks, in order. */
  readonly #positions: readonly number[];
  #region: string | undefined;

  constructor(text: string, mark: string) {
    this.#positions = [...text.matchAll(new RegExp(mark, 'g'))].map((match) => match.index);
  }

  refuse(marks: Iterable<number>, reason: string): void {
    for (const mark of marks) if (!this.refused.has(mark)) this.refused.set(mark, reason);
  }

  /** Marks between two positions. */
  between(from: number, to: number): number[] {
    let [low, high] = [0, this.#positions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#positions[middle]! < from) low = middle + 1;
      else high = middle;
    }
    const marks: number[] = [];
    for (let at = low; this.#positions[at]! < to; at++) marks.push(this.#positions[at]!);
    return marks;
  }

  /** Refuses every mark met while `read` runs. */
  within(reason: string, read: () => void): void {
    const outer = this.#region;
    this.#region ??= reason;
    read();
    this.#region = outer;
  }

  place(at: number, quoting: Quoting): void {
    if (this.#region) this.refuse([at], this.#region);
    this.placed.set(at, quoting);
  }
}
