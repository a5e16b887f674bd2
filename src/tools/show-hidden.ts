/** Characters that hide in a text that others wrote, made visible for whoever reads it on a terminal or a page. */

/**
 * What is not seen, or turns what is seen around. Joiners and variation selectors stay: scripts and emoji need them, and
 * they change nothing but the shape of their neighbours.
 */
const HIDDEN = /[[\p{DI}\p{Zl}\p{Zp}\ufff9-\ufffb]--[\u200c\u200d\ufe00-\ufe0f]]/gv;

/** With the number in the place of each of them (`\\u{202e}`), so that whoever is asked sees that something is there. */
export const showHidden = (text: string): string =>
  text.replace(HIDDEN, (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`);
