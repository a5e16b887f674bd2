/**
 * What `git status` says of a work tree, in whatever form and language: by its lines for files, which no translation changes,
 * and by the commands that its hints name.
 */

/** A file in the long form, in the short one, and in the second version of the one for programs. */
const FILE = /^(?:\t\S|(?:[MTADRCU?][ MTADRCU?]| [MTADRCU]) \S|(?:[12u] [.MTADRCU]{2}|\?) \S)/;
const HEADING = /^(?:Changes |Untracked files|Unmerged paths)/;
/** Of the short forms, and in the long form the hint of the section that comes last. */
const IGNORED_FILE = /^(?:!!|!) \S/;
const IGNORED_FILES = /\bgit add -f\b/;
/** About the branch, in the short forms. */
const HEADER = /^#/;
const CLEAN = /nothing to commit|working tree clean/;
/** Of a branch and what it tracks; names in quotes may have any numbers. */
const QUOTED = /'[^'\n]*'|«[^»\n]*»|“[^”\n]*”|„[^“\n]*“/g;
const PULL = /([^\n]*)\n[^\n]*"git pull"/;

/** `exitCode`: how it ended, where that is known; one that failed says nothing of the work tree. */
export function gitStatus(text: string, exitCode: number | undefined): readonly string[] {
  if (exitCode !== undefined && exitCode !== 0) return [];
  const lines = text.split(/[\n\0]/);
  const ignored = lines.findIndex((line) => IGNORED_FILES.test(line));
  const shown = (ignored < 0 ? lines : lines.slice(0, ignored)).filter((line) => !IGNORED_FILE.test(line));
  const others = shown.filter((line) => !FILE.test(line) && !HEADING.test(line));
  const said = branchSaid(others);
  if (others.length < shown.length) return ['was dirty', ...said];
  // an error in another language is none of its forms
  const isForm = others.every((line) => line === '' || HEADER.test(line)) || CLEAN.test(text);
  return isForm || exitCode === 0 ? ['was clean', ...said] : said;
}

function branchSaid(lines: readonly string[]): readonly string[] {
  const text = lines.join('\n').replace(QUOTED, '');
  // how many commits each of the two has
  const numbers = PULL.exec(text)?.[1]?.match(/\d+/g) ?? [];
  const hasDiverged = /\bhave diverged\b/.test(text) || numbers.length > 1;
  const isBehind = /\bbehind(?: \d| +by\b)|^# branch\.ab \S+ -[1-9]/m.test(text) || numbers.length === 1;
  const isAhead = /\bahead (?:\d|of\b)|"git push"|^# branch\.ab \+[1-9]/m.test(text);
  return [
    ...(isBehind ? ['was behind'] : []),
    ...(isAhead ? ['was ahead'] : []),
    ...(hasDiverged ? ['had diverged'] : []),
  ];
}
