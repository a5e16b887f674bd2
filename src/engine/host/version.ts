/** Versions of tools: found in what a program prints, compared with a wanted range. */

/** The first dotted number in a text (`git version 2.39.5` gives `2.39.5`). */
export const versionIn = (text: string): string | undefined => /\d+(?:\.\d+)+/.exec(text)?.[0];

const parts = (version: string): readonly number[] => version.split('.').map(Number);

function compare(a: string, b: string): number {
  const left = parts(a);
  const right = parts(b);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function versionFits(found: string, wanted: string): boolean {
  const comparators = wanted.matchAll(/(>=|<=|>|<|=|\^|~)?\s*(\d+(?:\.\d+)*)/g);
  for (const [, operator = '>=', version = '0'] of comparators) {
    if (!comparatorHolds(found, operator, version)) return false;
  }
  return true;
}

function comparatorHolds(found: string, operator: string, version: string): boolean {
  const order = compare(found, version);
  const [major, minor] = parts(version);
  const [foundMajor, foundMinor] = parts(found);
  switch (operator) {
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      // `=20` means any 20.x
      return found === version || found.startsWith(`${version}.`);
    case '^':
      return order >= 0 && foundMajor === major;
    case '~':
      return order >= 0 && foundMajor === major && (minor === undefined || foundMinor === minor);
    default:
      return order >= 0;
  }
}
