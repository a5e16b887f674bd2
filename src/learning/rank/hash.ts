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

/** 53 bits, of the whole text: for keys where one text must not be taken for another. */
export function hashLong(text: string): number {
  let [low, high] = [FNV_BASIS, FNV_PRIME];
  const { length } = text;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, FNV_PRIME);
    high = Math.imul(high ^ unit, 0x5bd1e995);
    high ^= high >>> 15;
  }
  return (mixHash(high, length) >>> 11) * 2 ** 32 + mixHash(low, length);
}

/** Folds `value` into `hash`; order matters. */
export function mixHash(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ Math.imul(value, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
