/**
 * Reads pages of tldr-pages (Markdown, or one JSON line for each example) into examples. The form of a page: `# name`,
 * `> summary`, then for each example `- what it does:` and a command in backticks, whose `{{…}}` people fill in.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface PageExample {
  readonly page: string;
  readonly summary: string;
  readonly goal: string;
  readonly command: string;
}

/** What is the same on most machines that run workflows. */
const PLATFORMS: readonly string[] = ['common', 'linux'];

/** From the folder of the pages in English, with a folder for each platform, or from a file of JSON Lines. */
export function readPages(path: string): readonly PageExample[] {
  if (/\.jsonl(?:\.gz)?$/.test(path)) return readLines(path);
  const folder = existsSync(join(path, 'pages')) ? join(path, 'pages') : path;
  return PLATFORMS.flatMap((platform) => {
    const names = readdirSync(join(folder, platform)).filter((name) => name.endsWith('.md'));
    return names.sort().flatMap((name) => readPage(readFileSync(join(folder, platform, name), 'utf8')));
  });
}

export function readPage(text: string): readonly PageExample[] {
  const page = /^# (.+)$/m.exec(text)?.[1]?.trim() ?? '';
  const summary = [...text.matchAll(/^> (.+)$/gm)]
    .map(([, line]) => line as string)
    .filter((line) => !/^(?:More information|See also|Note):?/i.test(line))
    .join(' ');
  return [...text.matchAll(/^- (.+?):?\s*\n+`([^\n]+)`/gm)].map(([, goal, command]) => ({
    page,
    summary,
    goal: plainText(goal as string),
    command: plainCommand(command as string),
  }));
}

function readLines(path: string): readonly PageExample[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const rows = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly [key: string]: string });
  return rows
    .filter(({ platform = '' }) => PLATFORMS.includes(platform))
    .map(({ page = '', summary = '', nl = '', cmd = '' }) => ({
      page,
      summary: summary.split(/ (?:See also|Note):/)[0] as string,
      goal: plainText(nl),
      command: plainCommand(cmd),
    }));
}

/** `[n]ame` marks the letter of a flag. */
const plainText = (text: string): string => text.replace(/\[(\w)\]/g, '$1').replace(/`/g, '');

/** Of two spellings of a flag the long one; what people fill in stays marked. */
function plainCommand(command: string): string {
  return command
    .replace(/\{\{\[([^\]|]*)\|([^\]]*)\]\}\}/g, '$2')
    .replace(/\\\{\\\{/g, '{{')
    .replace(/\\\}\\\}/g, '}}');
}
