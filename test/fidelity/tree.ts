/**
 * A folder as a value that two states of it can be compared by: bytes, permissions, owner, times, links, hard links,
 * extended attributes, empty folders. Reads with Node's own calls, not with the product's.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type BigIntStats, chmodSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Path below the folder, in bytes, to all that is known of it. */
export type TreeValue = { readonly [path: string]: object };

/** `folderTimes: false` leaves out when folders were modified. */
export function treeValue(folder: string, { folderTimes = true } = {}): TreeValue {
  const attributes = attributesIn(folder);
  const names = new Map<bigint, string[]>();
  const values: [path: string, value: object][] = [];
  const walk = (path: string): void => {
    const at = Buffer.concat([Buffer.from(folder), Buffer.from(path, 'latin1')]);
    const stat = lstatSync(at, { bigint: true });
    const isFolder = stat.isDirectory();
    values.push([
      path,
      {
        mode: stat.mode.toString(8),
        owner: `${stat.uid}:${stat.gid}`,
        ...(isFolder && !folderTimes ? {} : { mtimeNs: String(stat.mtimeNs) }),
        ...(stat.isFile() ? contentValue(at, stat) : {}),
        ...(stat.isFile() && stat.nlink > 1n ? { names: namesOf(stat, path, names) } : {}),
        ...(stat.isSymbolicLink() ? { target: readlinkSync(at, 'latin1') } : {}),
        ...(attributes.has(path) ? { attributes: attributes.get(path) } : {}),
      },
    ]);
    if (isFolder)
      opened(at, stat, () => {
        for (const name of readdirSync(at, 'latin1').sort()) walk(`${path}/${name}`);
      });
  };
  walk('');
  return Object.fromEntries(values);
}

const contentValue = (at: Buffer, stat: BigIntStats): object => ({
  size: String(stat.size),
  sha256: opened(at, stat, () => createHash('sha256').update(readFileSync(at)).digest('hex')),
});

/** The list of all names of a file, one and the same for each of them: it grows while they are found. */
function namesOf({ ino }: BigIntStats, path: string, names: Map<bigint, string[]>): readonly string[] {
  const known = names.get(ino) ?? [];
  known.push(path);
  names.set(ino, known);
  return known;
}

/** Reads what its own permissions forbid to read; they are as before afterwards. */
function opened<T>(at: Buffer, { mode }: BigIntStats, read: () => T): T {
  const bits = Number(mode) & 0o7777;
  if ((bits & 0o500) === 0o500 || process.getuid?.() === 0) return read();
  chmodSync(at, bits | 0o500);
  try {
    return read();
  } finally {
    chmodSync(at, bits);
  }
}

/** Whether extended attributes can be set and compared here. */
export const hasAttributes = (): boolean =>
  ['getfattr', 'setfattr'].every((tool) => spawnSync(tool, ['--version']).status === 0);

function attributesIn(folder: string): ReadonlyMap<string, string> {
  const { stdout } = spawnSync('getfattr', ['-Rhd', '-m', '-', '--absolute-names', folder], {
    encoding: 'latin1',
  });
  const blocks = (stdout ?? '').split('\n\n').filter((block) => block.startsWith('# file: '));
  return new Map(
    blocks.map((block) => {
      const [head = '', ...lines] = block.split('\n');
      return [head.slice('# file: '.length + folder.length), lines.sort().join('\n')];
    }),
  );
}
