/** One line on stderr that is written over while long work goes on; nothing where stderr is no terminal. */
import { printable } from './style.ts';
import type { Terminal } from './terminal.ts';

const ERASE_LINE = '\r\u001b[2K';

export class LiveLine {
  readonly #terminal: Terminal;
  #shown = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(text: string): void {
    if (!this.#terminal.isLive('err')) return;
    this.clear();
    this.#terminal.err(printable(text).slice(0, this.#terminal.columns() - 1));
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#terminal.err(ERASE_LINE);
    this.#shown = false;
  }
}
