/**
 * A unified diff of one file: what its text is, and what it would be. Owns what counts as text and how much work a diff may be.
 */
import { formatPatch, type StructuredPatchHunk, structuredPatch } from 'diff';

/** A larger file gets no diff. */
export const DIFF_FILE_BYTES_MAX = 256 * 1024;
/** Looked at for a NUL, as git does. */
const BINARY_LOOK_BYTES = 8 * 1024;
/** Lines added and removed; beyond it the diff is the whole old text and the whole new one. */
const EDITS_MAX = 2_000;
const NOWHERE = '/dev/null';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The content as text; undefined when it is too large, binary or not UTF-8. */
export function textOf(content: Buffer): string | undefined {
  if (content.length > DIFF_FILE_BYTES_MAX || content.subarray(0, BINARY_LOOK_BYTES).includes(0))
    return undefined;
  try {
    return UTF8.decode(content);
  } catch {
    return undefined;
  }
}

/**
 * The diff from `before` to `after`, where undefined is a file that is not there; '' when there is no difference.
 * `path` is absolute; a name that would break its line is quoted as git quotes it.
 */
export function textDiff(path: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return '';
  const from = before === undefined ? NOWHERE : `a${path}`;
  const to = after === undefined ? NOWHERE : `b${path}`;
  const patch = structuredPatch(from, to, before ?? '', after ?? '', undefined, undefined, {
    context: 3,
    maxEditLength: EDITS_MAX,
  });
  const hunks = patch?.hunks ?? [replacement(before ?? '', after ?? '')];
  return formatPatch(
    { oldFileName: from, newFileName: to, oldHeader: undefined, newHeader: undefined, hunks },
    { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  );
}

/** One hunk that takes all old lines away and puts all new ones there. */
function replacement(before: string, after: string): StructuredPatchHunk {
  const removed = linesOf(before);
  const added = linesOf(after);
  return {
    oldStart: 1,
    oldLines: removed.length,
    newStart: 1,
    newLines: added.length,
    lines: [...signed('-', removed, before), ...signed('+', added, after)],
  };
}

const linesOf = (text: string): readonly string[] =>
  text === '' ? [] : (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');

const signed = (sign: string, lines: readonly string[], text: string): readonly string[] => {
  const all = lines.map((line) => sign + line);
  return text === '' || text.endsWith('\n') ? all : [...all, '\\ No newline at end of file'];
};
