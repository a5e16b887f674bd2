/** Small hashes for table keys: 32 bits, the same on every machine. Collisions cost accuracy a little, never safety. */

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TEXT_CHARS_MAX = 4096;

/** FNV-1a over UTF-16 units; only the first 4,096 are read. */
export function hashText(text: string): number {
  let hash = FNV_BASIS;
  const length = Math.min(text.length, TEXT_CHARS_MAX);
  for (let i = 0; i < length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return mixHash(hash, text.length);
}

/** Folds `value` into `hash`; order matters. */
export function mixHash(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ Math.imul(value, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
