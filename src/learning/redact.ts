/**
 * Takes the secrets out of a text before anybody keeps it: tokens, passwords, private keys, credentials in addresses,
 * random strings. Total, linear in the text's length.
 * 1. A secret that is found is hidden whole. What looks like a digest, a UUID, a path or a version stays.
 * 2. `redact(redact(x).text)` changes nothing more.
 */
import { knownTokenSpans } from './redact/known-tokens.ts';
import { namedValueSpans } from './redact/named-values.ts';
import { privateKeySpans } from './redact/private-keys.ts';
import { programSecretSpans } from './redact/program-secrets.ts';
import { randomRunSpans } from './redact/random-runs.ts';
import { readQuotes } from './redact/shell-value.ts';
import { HIDDEN, hideSpans } from './redact/span.ts';
import { spokenSecretSpans } from './redact/spoken-secrets.ts';
import { urlCredentialSpans } from './redact/url-credentials.ts';

export interface Redaction {
  /** With `***` in the place of each secret. */
  readonly text: string;
  /** How many were hidden. */
  readonly hits: number;
}

/** What is hidden may bring to light what stood behind it; a text that needs more than this is hidden whole. */
const ROUNDS_MAX = 6;

export function redact(text: string): Redaction {
  let hits = 0;
  let shown = text;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const next = redactOnce(shown);
    // what no more changes is done, though a span was hidden by the same mark again
    if (next.text === shown) return { text: shown, hits };
    hits += next.hits;
    shown = next.text;
  }
  return { text: HIDDEN, hits };
}

function redactOnce(text: string): Redaction {
  const quoted = readQuotes(text);
  return hideSpans(text, [
    ...privateKeySpans(text),
    ...knownTokenSpans(text),
    ...urlCredentialSpans(text),
    ...namedValueSpans(quoted),
    ...programSecretSpans(quoted),
    ...randomRunSpans(text),
    ...spokenSecretSpans(text),
  ]);
}
