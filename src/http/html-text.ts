/** Text that others wrote, for a page: it becomes neither markup nor something else than what it is. */
import { showHidden } from '../tools/show-hidden.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** For between tags; what hides is shown by its number (`\\u{202e}`). */
export const htmlText = (text: string): string => htmlValue(showHidden(text.replace(CONTROL, '')));

/** For attributes in double quotes and for what a form sends back: character by character what it is. */
export const htmlValue = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
