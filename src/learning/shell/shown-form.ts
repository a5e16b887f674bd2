/** What stubs and templates are called where people read them: a test has no name but its bracket, and says more with both. */

const CLOSING: ReadonlyMap<string, string> = new Map([
  ['[', ']'],
  ['[[', ']]'],
]);
const JOINT = /( (?:&&|\|\||[;|&]) )/;
/** The closing bracket is a word of the template, or one with the value before it. */
const LAST_WORD = /(?<=>) <(?:word|text)>$/;

/** In backticks. */
export const shownStub = (stub: string): string => {
  const closing = CLOSING.get(stub);
  return closing === undefined ? `\`${stub}\`` : `\`${stub} … ${closing}\``;
};

/** The same in a sentence with stubs in it. */
export const withShownStubs = (text: string): string =>
  text.replace(/`(\[\[?)`/g, (_, stub: string) => shownStub(stub));

export function shownTemplate(template: string): string {
  if (!template.includes('[')) return template;
  const parts = template.split(JOINT);
  return parts.map((part, at) => (at % 2 === 0 ? closed(part) : part)).join('');
}

function closed(part: string): string {
  const closing = CLOSING.get(part.slice(0, part.indexOf(' ')));
  return closing === undefined ? part : `${part.replace(LAST_WORD, '')} ${closing}`;
}
