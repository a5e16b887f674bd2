/** The commands of a small script: a line each, with continued lines joined; a script that has more to it stays whole. */

/** Blocks and here-documents go over lines. */
const WHOLE = /<<|^\s*(?:if|for|while|until|case|function)\b|^\s*\w+\s*\(\)\s*\{|\{\s*$/m;

export function scriptCommands(script: string): readonly string[] {
  const text = script.replace(/ ?\\\r?\n\s*/g, ' ').trim();
  if (WHOLE.test(text)) return [text];
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !/^set [-+]/.test(line));
}
