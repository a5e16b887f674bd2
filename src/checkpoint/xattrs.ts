/**
 * Extended attributes, ACLs among them, through the tools of the `attr` package: Node has no call for them.
 * Reads and writes the text form of `getfattr --dump`, with values in base64 and odd characters of names as `\ooo`.
 * SELinux labels and what file systems keep for themselves are left alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Attributes = Readonly<Record<string, string>>;

const KEPT = '^(user\\.|system\\.posix_acl_|security\\.capability$)';
/** Bounds the memory of one batch; xargs divides it further as the platform asks. */
const BATCH = 20_000;
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

/** Why attributes cannot be read or written here; undefined when they can. */
export function attributesMissing(tool: 'getfattr' | 'setfattr'): string | undefined {
  if (process.platform !== 'linux') return `extended attributes: not kept on ${process.platform}`;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [tool, 'xargs'].every((name) => folders.some((folder) => existsSync(join(folder, name))))
    ? undefined
    : `extended attributes: ${tool} is not installed`;
}

/** The attributes of those byte paths that have any. */
export function readAttributes(paths: readonly string[]): ReadonlyMap<string, Attributes> {
  const found = new Map<string, Attributes>();
  for (let at = 0; at < paths.length; at += BATCH) {
    const command = ['getfattr', '-h', '-d', '-m', KEPT, '-e', 'base64', '--absolute-names', '--'];
    for (const [path, attributes] of parseDump(onPaths(command, paths.slice(at, at + BATCH))))
      found.set(path, attributes);
  }
  return found;
}

/** Makes the attributes of each byte path exactly these. Returns the paths where that failed. */
export function writeAttributes(wanted: ReadonlyMap<string, Attributes>): readonly string[] {
  const found = readAttributes([...wanted.keys()]);
  const surplus = new Map<string, string[]>();
  for (const [path, attributes] of found)
    for (const name of Object.keys(attributes))
      if (wanted.get(path)?.[name] === undefined) surplus.set(name, [...(surplus.get(name) ?? []), path]);
  for (const [name, paths] of surplus) onPaths(['setfattr', '-h', '-x', name, '--'], paths);
  const changed = [...wanted].filter(([path, attributes]) => !isSame(found.get(path) ?? {}, attributes));
  const dump = changed.map(([path, attributes]) => dumpOf(path, attributes)).join('');
  if (dump !== '') run('setfattr', ['-h', '--restore=-'], dump);
  const after = changed.length === 0 ? found : readAttributes(changed.map(([path]) => path));
  return changed
    .filter(([path, attributes]) => !isSame(after.get(path) ?? {}, attributes))
    .map(([path]) => path);
}

export function isSame(a: Attributes, b: Attributes): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Paths go through a pipe: they need not be UTF-8, and there may be any number of them. */
const onPaths = (command: readonly string[], paths: readonly string[]): string =>
  run('xargs', ['-0', ...command], paths.map((path) => `${path}\0`).join(''));

/** What the program writes; a file that vanished meanwhile makes it complain, and says nothing of the others. */
function run(program: string, args: readonly string[], input: string): string {
  const { stdout } = spawnSync(program, args, {
    input: Buffer.from(input, 'latin1'),
    maxBuffer: OUTPUT_BYTES_MAX,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return stdout?.toString('latin1') ?? '';
}

function* parseDump(text: string): Generator<readonly [path: string, attributes: Attributes]> {
  for (const block of text.split('\n\n')) {
    const [head = '', ...lines] = block.split('\n').filter((line) => line !== '');
    if (!head.startsWith('# file: ')) continue;
    const pairs = lines.map((line) => {
      const equals = line.indexOf('=');
      const value = equals < 0 ? '' : line.slice(equals + 1).replace(/^0s/, '');
      return [unquoted(equals < 0 ? line : line.slice(0, equals)), value] as const;
    });
    yield [unquoted(head.slice('# file: '.length)), Object.fromEntries(pairs)];
  }
}

const dumpOf = (path: string, attributes: Attributes): string =>
  `# file: ${quoted(path)}\n${Object.entries(attributes)
    .map(([name, value]) => `${quoted(name)}=0s${value}\n`)
    .join('')}\n`;

const quoted = (text: string): string =>
  text.replace(/[\n\r\\=]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);

const unquoted = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
