/**
 * Whether code that is not Belay's has come into this process. It may hold on to a port or a timer, and nobody can tell
 * it to let go: who has such code in its process ends it outright when the work is done.
 */
let isHere = false;

/** To be called before it is loaded: what was loaded stays, also when it is of no use. */
export const noteForeignCode = (): void => {
  isHere = true;
};

export const hasForeignCode = (): boolean => isHere;
