/** What signals may be called, the same for whoever sends one and for whoever waits for it. */

/** Letters and digits first, so that a name is never taken for an option. */
export const SIGNAL_NAME = /^[A-Za-z0-9_][\w.:/-]{0,99}$/;

export const SIGNAL_NAME_EXPECTED =
  'a name of at most 100 letters, digits and `_.:/-` that begins with a letter, a digit or `_`';
