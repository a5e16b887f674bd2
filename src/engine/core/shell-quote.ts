/** Text as one word of a POSIX shell, which means exactly this text; without NUL characters, which no shell takes. */

/** What needs no quotes in any place. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** Always in single quotes. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** For people to read: in quotes only where it needs them. */
export const shellWord = (text: string): string => (PLAIN.test(text) ? text : shellQuote(text));
