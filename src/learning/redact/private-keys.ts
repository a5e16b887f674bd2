/** Keys in blocks of their own: PEM, OpenPGP, PuTTY, age. Hidden from the first line to the last, whole or not. */
import type { Span } from './span.ts';

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|KEY BLOCK|OPENSSH KEY)[A-Z0-9 ]{0,20}-----/g;
const END = /-----END [A-Z0-9 ]{0,60}-----/g;
const PUTTY = /^Private-Lines:\s*\d+/gm;

/** A block without an end goes to the end of the text. */
export function privateKeySpans(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (let from = nextOf(BEGIN, text, 0); from >= 0; ) {
    const end = nextOf(END, text, from);
    const to = end < 0 ? text.length : END.lastIndex;
    spans.push({ from, to });
    from = nextOf(BEGIN, text, to);
  }
  const putty = nextOf(PUTTY, text, 0);
  if (putty >= 0) spans.push({ from: PUTTY.lastIndex, to: text.length });
  return spans;
}

function nextOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}
