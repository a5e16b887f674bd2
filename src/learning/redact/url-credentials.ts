/** User names and passwords in addresses: all that stands before the `@`. */
import { HIDDEN, type Span } from './span.ts';

const SPELLED_CHARS_MAX = 8_192;
const SLOPPY_CHARS_MAX = 300;
const SCHEME = /([A-Za-z][A-Za-z0-9+.-]{0,20}):\/\//g;
/** A password as it should be spelled, then one with characters that should have been encoded. */
const SPELLED = /^[^\s/?#'"`@<>]*@(?:[^\s/?#'"`@<>]*@)*/;
const SLOPPY = /^[^\s/:@'"`]+:(?!\d{1,5}(?:[/?#]|$))[^\s'"`]*@(?=[\w[${.-])/;
/** Where the name alone is no secret. */
const OPEN_NAMES = /^(?:git|root|user|admin|ubuntu|\$\{?\w+\}?)@$/;
const SHELLS = /^(?:ssh|sftp|git\+ssh|ssh\+git|scp|rsync|docker|qemu\+ssh)$/i;
const REFERENCES = /^(?:[\w.-]*:)?\$(?:\w+|\{\w+\}|\{\{[^}]*\}\})@$/;

/** A name without a password is hidden too, since it may be a token, but not where people log in with it. */
export function urlCredentialSpans(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const { 0: found, 1: scheme = '', index } of text.matchAll(SCHEME)) {
    const from = index + found.length;
    const credentials =
      SPELLED.exec(text.slice(from, from + SPELLED_CHARS_MAX))?.[0] ??
      SLOPPY.exec(text.slice(from, from + SLOPPY_CHARS_MAX))?.[0];
    if (credentials === undefined || credentials === `${HIDDEN}@` || credentials === '@') continue;
    const isName = !credentials.includes(':') && (SHELLS.test(scheme) || OPEN_NAMES.test(credentials));
    if (!isName && !REFERENCES.test(credentials)) spans.push({ from, to: from + credentials.length - 1 });
  }
  return spans;
}
