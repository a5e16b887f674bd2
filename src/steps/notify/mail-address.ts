/** The address of one person in a mail. Owns its form, so that no value of it adds a recipient or a header. */

/** A type, not an interface, so that it counts as JSON. */
export type MailAddress = { readonly name: string; readonly address: string };

/** What a message says that a text should have been. */
export const ADDRESS_EXPECTED = 'expected `ann@example.org` or `Ann <ann@example.org>`, one for each entry';

const NAME = /^[^\p{Cc}\p{Zl}\p{Zp}<>"\\]*$/u;
const ADDRESS = /^[^\p{Cc}\s<>()[\]\\,;:"@]+@[^\p{Cc}\s<>()[\]\\,;:"@]+$/u;

/** `ann@example.org` or `Ann <ann@example.org>`; undefined for anything else. */
export function mailAddress(text: string): MailAddress | undefined {
  const [, named = '', bracketed] = /^([^<]*)<([^<>]*)>$/.exec(text.trim()) ?? [];
  const name = named.trim();
  const address = bracketed ?? text.trim();
  return NAME.test(name) && ADDRESS.test(address) ? { name, address } : undefined;
}
