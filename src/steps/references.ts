/**
 * Finds the references (`inputs.target`, `steps.test.outputs.rate`) in the text of an expression,
 * so that a failed assertion can show the values it read. A reading aid by token shape, not a parser:
 * what it takes for a reference by mistake does not evaluate and is left out by the caller.
 */

/** References shown with one assertion; the others are left out. */
const REFERENCES_MAX = 10;

const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;
const PATH = /(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d+\])*(\s*\()?/g;
const WORDS = new Set(['true', 'false', 'null', 'in']);

/** In order of appearance, each once, at most `REFERENCES_MAX`. */
export function referencesOf(expression: string): readonly string[] {
  const found = new Set<string>();
  for (const [text, call] of expression.replace(STRING, '""').matchAll(PATH)) {
    // `a.b.startsWith(` reads `a.b`; `size(` reads nothing.
    const path = call === undefined ? text : text.slice(0, Math.max(0, text.lastIndexOf('.')));
    if (path !== '' && !WORDS.has(path)) found.add(path);
  }
  return [...found].slice(0, REFERENCES_MAX);
}
