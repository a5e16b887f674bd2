/**
 * Names of the files that a restore writes beside their places before it moves them there.
 * They are never part of a tree: scans leave them out, whoever's restore they belong to.
 */

const TEMP = /^\.belay-[\w.-]+-\d+$/;

/** Whether a text may name a restore. */
export const isOperation = (text: string): boolean => /^[\w.-]{1,100}$/.test(text);

/** `operation` is made of letters, digits, `_`, `.` and `-`. */
export const tempName = (operation: string, number: number): string => `.belay-${operation}-${number}`;

export const isTempName = (name: string): boolean => name.startsWith('.belay-') && TEMP.test(name);

/** A name that `tempName` gave for `operation`. */
export const isTempNameOf = (operation: string, name: string): boolean =>
  name.startsWith(`.belay-${operation}-`) && /^\d+$/.test(name.slice(`.belay-${operation}-`.length));
