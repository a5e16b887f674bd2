/** Text that others wrote, for a page: it becomes neither markup nor something else than what it is. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** What is not seen, or turns what is seen around; joiners and variation selectors stay, as on a terminal. */
const HIDDEN = /[[\p{DI}\p{Zl}\p{Zp}\ufff9-\ufffb]--[\u200c\u200d\ufe00-\ufe0f]]/gv;

/** For between tags; what hides is shown by its number (`\\u{202e}`). */
export const htmlText = (text: string): string =>
  htmlValue(
    text.replace(CONTROL, '').replace(HIDDEN, (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`),
  );

/** For attributes in double quotes and for what a form sends back: character by character what it is. */
export const htmlValue = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
