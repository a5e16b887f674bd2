/** A bounded memory for pure functions of one text: the entries used longest ago go first. */

/** `compute`, asked once per text while the text is among the `entriesMax` last used. */
export function remember<T>(entriesMax: number, compute: (text: string) => T): (text: string) => T {
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  return (text) => {
    const fresh = young.get(text);
    if (fresh !== undefined) return fresh;
    // Two generations instead of an exact order: a hit costs one lookup, not a reordering.
    const value = old.get(text) ?? compute(text);
    if (young.size >= entriesMax / 2) [old, young] = [young, new Map()];
    young.set(text, value);
    return value;
  };
}
