/** Where the page of a question is, as a person's browser finds it. The address gives no right to answer. */

/** The base address is known once the server listens; undefined where no browser could find it by that. */
export class QuestionAddress {
  #base: string | undefined;

  /** @param publicUrl as callers know the server, through a proxy */
  constructor(publicUrl: string | undefined) {
    this.#base = publicUrl?.replace(/\/$/, '');
  }

  /** Browsers are to send the cookie back over TLS only. */
  get isSecure(): boolean {
    return this.#base?.startsWith('https:') === true;
  }

  /** The name in it means this server, too. */
  get hosts(): readonly string[] {
    return this.#base === undefined ? [] : [new URL(this.#base).hostname];
  }

  /** The server listens there. An address that means every one of this machine is none that a browser could open. */
  listens(url: string): void {
    const { hostname } = new URL(url);
    if (hostname !== '0.0.0.0' && hostname !== '[::]') this.#base ??= url;
  }

  of(runId: string, questionId: string): string | undefined {
    return this.#base === undefined ? undefined : `${this.#base}/questions/${runId}/${questionId}`;
  }
}
