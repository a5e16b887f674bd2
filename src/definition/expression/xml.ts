/**
 * A small reader for XML reports: start tags with their attributes, end tags, nothing else.
 * No entities beyond the five standard ones and character codes, no DTD, no name spaces, no text.
 * It reads left to right once, so hostile input costs its length and no more.
 */
import { ExpressionError } from './value.ts';

export interface XmlTag {
  readonly name: string;
  /** 1 for the root element. */
  readonly depth: number;
  readonly attributes: ReadonlyMap<string, string>;
}

const DEPTH_MAX = 256;
const ATTRIBUTES_MAX = 100;

/** Start tags of a document in order. Fails on what is not XML, on a DTD with entities, on nesting beyond 256. */
export function* xmlTags(text: string, shown: string): Generator<XmlTag> {
  let depth = 0;
  let tags = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const skipped = skipMarkup(text, at);
    if (skipped >= 0) {
      at = skipped;
      continue;
    }
    const end = tagEnd(text, at);
    if (end < 0) throw notXml(shown);
    const body = text.slice(at + 1, end);
    at = end + 1;
    if (body.startsWith('/')) {
      depth -= 1;
      continue;
    }
    tags += 1;
    if (depth + 1 > DEPTH_MAX)
      throw new ExpressionError(`\`${shown}\` is nested deeper than ${DEPTH_MAX} elements`);
    const name = /^[^\s/]+/.exec(body)?.[0] ?? '';
    yield { name, depth: depth + 1, attributes: attributesOf(body.slice(name.length)) };
    if (!body.endsWith('/')) depth += 1;
  }
  if (tags === 0 || depth !== 0) throw notXml(shown);
}

const notXml = (shown: string): ExpressionError => new ExpressionError(`\`${shown}\` is not complete XML`);

/** Position after a comment, CDATA, processing instruction or DOCTYPE; -1 when `at` starts none of them. */
function skipMarkup(text: string, at: number): number {
  for (const [open, close] of [
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
    ['<!', '>'],
  ] as const) {
    if (!text.startsWith(open, at)) continue;
    const end = text.indexOf(close, at + open.length);
    if (open === '<!' && text.slice(at, end).includes('[')) {
      throw new ExpressionError('XML with an internal DTD is not read', {
        hint: 'write the report without a DTD',
      });
    }
    return end < 0 ? text.length : end + close.length;
  }
  return -1;
}

function tagEnd(text: string, at: number): number {
  let quote = '';
  for (let i = at + 1; i < text.length; i++) {
    const char = text[i]!;
    if (quote) quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return i;
  }
  return -1;
}

function attributesOf(body: string): Map<string, string> {
  const attributes = new Map<string, string>();
  // Sticky: it stops at the first thing that is no attribute instead of searching on, so it stays linear.
  const attribute = /\s*([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
  for (
    let match = attribute.exec(body);
    match && attributes.size < ATTRIBUTES_MAX;
    match = attribute.exec(body)
  ) {
    attributes.set(match[1]!, decode(match[2] ?? match[3] ?? ''));
  }
  return attributes;
}

const entities: { readonly [name: string]: string } = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const decode = (value: string): string =>
  value.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
