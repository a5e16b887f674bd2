/** What describes the interface itself, for programs and for people: written once, since anybody may ask for it. */
import type { Tool } from '../tools/tool.ts';
import { docsPage } from './docs-page.ts';
import { type OpenApi, openApi } from './openapi.ts';

export class Description {
  readonly #tools: readonly Tool[];
  readonly #version: string;
  #openApi: OpenApi | undefined;
  #json: string | undefined;
  #page: string | undefined;

  constructor(tools: readonly Tool[], version: string) {
    this.#tools = tools;
    this.#version = version;
  }

  /** As OpenAPI. */
  get json(): string {
    this.#json ??= JSON.stringify(this.#document());
    return this.#json;
  }

  /** As HTML. */
  get page(): string {
    this.#page ??= docsPage(this.#document());
    return this.#page;
  }

  #document(): OpenApi {
    this.#openApi ??= openApi(this.#tools, this.#version);
    return this.#openApi;
  }
}
