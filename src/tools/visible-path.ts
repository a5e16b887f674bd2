/** Paths for people: a name cannot pass for another line of what they agree to. */

/** Control characters, line separators, and what turns the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is made visible
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

export const visiblePath = (path: string): string =>
  path.replace(INVISIBLE, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);

/** Relative to the run's directory where it lies in it. */
export const shortPath = (path: string, cwd: string): string =>
  visiblePath(path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path);
