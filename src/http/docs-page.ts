/** `/docs`: the OpenAPI document as one page for people, without a script and without anything from elsewhere. */
import { htmlText } from './html-text.ts';
import type { OpenApi, Operation, Parameter } from './openapi.ts';

interface Field {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Field[];
  readonly items?: Field;
  readonly description?: string;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code{font:14px ui-monospace,monospace}h2{margin-top:2.5rem;border-top:1px solid #8886;padding-top:1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}
:root{color-scheme:light dark}`;

export function docsPage({ info, paths }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]) => section(method.toUpperCase(), path, each)),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Belay ${htmlText(info.version)}</title><style>${STYLE}</style></head><body>
<h1>Belay ${htmlText(info.version)}</h1>
<p>${htmlText(info.description)} The same as a document for programs: <a href="/openapi.json">/openapi.json</a>.</p>
<p>Send a key as <code>Authorization: Bearer KEY</code>; <code>belay keys add</code> makes one. Errors are problem
documents with <code>code</code>, <code>message</code>, <code>hint</code> and <code>next</code>.</p>
${operations.join('\n')}
</body></html>
`;
}

function section(
  method: string,
  path: string,
  { summary, description, parameters, requestBody }: Operation,
): string {
  const body = requestBody?.content['application/json']?.schema as
    | { properties?: { [name: string]: Field }; required?: readonly string[] }
    | undefined;
  const rows = [
    ...parameters.map((each: Parameter) =>
      row(each.name, each.in, each.required, each.schema, each.description),
    ),
    ...Object.entries(body?.properties ?? {}).map(([name, field]) =>
      row(name, 'body', body?.required?.includes(name) ?? false, field),
    ),
  ];
  return `<h2><code>${method} ${htmlText(path)}</code></h2>
<p><b>${htmlText(summary)}.</b> ${htmlText(description)}</p>
${rows.length === 0 ? '' : `<table><tr><th>name</th><th>in</th><th>type</th><th></th></tr>${rows.join('')}</table>`}`;
}

function row(
  name: string,
  place: string,
  required: boolean,
  field: Field,
  description = field.description,
): string {
  const cells = [`${name}${required ? ' (required)' : ''}`, place, typeText(field)].map(
    (text) => `<td><code>${htmlText(text)}</code></td>`,
  );
  return `<tr>${cells.join('')}<td>${htmlText(description ?? '')}</td></tr>`;
}

function typeText({ type, enum: values, anyOf, items }: Field): string {
  if (values) return values.map(String).join(' | ');
  if (anyOf) return anyOf.map(typeText).join(' or ');
  if (type === 'array') return `array of ${items ? typeText(items) : 'anything'}`;
  return type ?? 'anything';
}
