/** What an agent can do, by a name: what a question for agents may want, and what a claim of it says. */

/** Letters and digits first, so that a name is never taken for an option. */
export const CAPABILITY = /^[A-Za-z0-9][\w.:/+-]{0,63}$/;

export const CAPABILITY_EXPECTED =
  'a name of at most 64 letters, digits and `_.:/+-` that begins with a letter or a digit';

/** Those that are wanted and not there. */
export const lackingCapabilities = (
  { capabilities = [] }: { readonly capabilities?: readonly string[] } = {},
  stated: readonly string[] = [],
): readonly string[] => capabilities.filter((one) => !stated.includes(one));
