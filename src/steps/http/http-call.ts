/**
 * One HTTP call as data: what a step's fields become when their expressions have values. Made anew for each attempt and
 * never journaled, because it holds secrets. Does not touch the network or the disk.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { HTTP_ANSWER_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { sizeBytes } from '../size.ts';
import { isHeaderValue } from './header-value.ts';
import type { HttpFields } from './http-fields.ts';
import { requestInvalid } from './http-messages.ts';

/** A type, not an interface, so that it counts as JSON. */
export type HttpCall = {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string };
  readonly text?: string;
  /** Absolute path of the body. */
  readonly file?: string;
  readonly expect: readonly (number | string)[];
  /** The definition names the host itself: its address needs no check. */
  readonly isHostLiteral: boolean;
  readonly allowPrivate: boolean;
  /** Absolute. */
  readonly caFile?: string;
  readonly insecure: boolean;
  readonly bytesMax: number;
  /** Absolute, and the directory that it must lie in. */
  readonly saveTo?: { readonly path: string; readonly inside: string };
  /** The step takes what it wants by `outputs:` of its own: the whole answer is not kept. */
  readonly keepsLittle: boolean;
  /** One of them reads `outputs.json`. */
  readonly readsJson: boolean;
  /** Never to be seen in messages and outputs. */
  readonly secrets: readonly string[];
  /** It may be made again without harm. */
  readonly repeatable: boolean;
};

type Map<Value> = { [name: string]: Value };

/** Methods that change nothing by their definition. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export const isSafe = (method: string): boolean => SAFE.has(method);

export const methodOf = ({ method, json, form, body, file }: HttpFields): string =>
  method ?? ([json, form, body, file].every((one) => one === undefined) ? 'GET' : 'POST');

/** Failure `request_invalid`, or what an expression says. */
export function httpCall(context: StepContext, fields: HttpFields): Result<HttpCall, Failure> {
  const method = methodOf(fields);
  const url = urlOf(context, fields);
  if (!url.ok) return url;
  const body = bodyOf(context, fields);
  if (!body.ok) return body;
  const auth = authOf(context, fields);
  if (!auth.ok) return auth;
  const key = keyOf(context, fields);
  if (!key.ok) return key;
  const headers = headersOf(context, fields, { ...body.value.headers, ...auth.value.headers, ...key.value });
  if (!headers.ok) return headers;
  const paths = pathsOf(context, fields);
  if (!paths.ok) return paths;
  const { outputs, idempotent } = context.step;
  const { expect = '2xx' } = fields;
  return ok({
    method,
    url: url.value,
    headers: headers.value,
    ...(body.value.text !== undefined && { text: body.value.text }),
    ...paths.value,
    expect: Array.isArray(expect) ? expect : [expect as number | string],
    isHostLiteral: isHostLiteral(fields.url),
    allowPrivate: fields.allow_private ?? false,
    insecure: fields.tls?.insecure ?? false,
    bytesMax: sizeBytes(fields.max_bytes) ?? HTTP_ANSWER_BYTES_MAX,
    keepsLittle: Object.keys(outputs).length > 0,
    readsJson: Object.values(outputs).some((template) => READS_JSON.test(template)),
    secrets: auth.value.secrets,
    repeatable: isSafe(method) || idempotent || fields.idempotency_key !== undefined,
  });
}

/** The step's own `outputs.json`, not that of another one. */
const READS_JSON = /(?<![\w.\]])outputs\s*(?:\.\s*json\b|\[\s*["']json["']\s*\])/;

/** The scheme and the whole of the host stand before the first expression, so that none can change them. */
export const isHostLiteral = (template: string): boolean => {
  const start = template.indexOf('{{');
  return start < 0 || /^https?:\/\/[^/?#\\]+[/?#\\]/i.test(template.slice(0, start));
};

function urlOf(context: StepContext, fields: HttpFields): Result<string, Failure> {
  const written = context.renderText(fields.url);
  if (!written.ok) return written;
  const url = URL.parse(written.value);
  // what it holds may be secret: it is not shown
  if (!url) return err(requestInvalid('`url` is no absolute URL', 'write it with `https://` and a host'));
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return err(requestInvalid(`\`url\` begins with \`${url.protocol}\`, expected \`http:\` or \`https:\``));
  if (url.username !== '' || url.password !== '')
    return err(requestInvalid('`url` holds a user or a password', 'give them as `auth: { basic: … }`'));
  const query = pairsOf(context, fields, 'query');
  if (!query.ok) return query;
  if (query.value.size > 0) url.search += `${url.search === '' ? '' : '&'}${query.value}`;
  return ok(url.href);
}

/** Null is left out, a list gives its name several times. */
function pairsOf(
  context: StepContext,
  fields: HttpFields,
  field: 'query' | 'form',
): Result<URLSearchParams, Failure> {
  const rendered = context.render((fields[field] ?? {}) as JsonObject);
  if (!rendered.ok) return rendered;
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(rendered.value as JsonObject)) {
    for (const one of (Array.isArray(value) ? value : [value]) as readonly Json[]) {
      if (typeof one === 'object' && one !== null)
        return err(requestInvalid(`\`${field}.${name}\` is no text, number or boolean`));
      if (one !== null) pairs.append(name, String(one));
    }
  }
  return ok(pairs);
}

interface Body {
  readonly text?: string;
  readonly headers: Map<string>;
}

function bodyOf(context: StepContext, fields: HttpFields): Result<Body, Failure> {
  const typed = (type: string, text?: string): Result<Body, Failure> =>
    ok({ headers: { 'content-type': type }, ...(text !== undefined && { text }) });
  if (fields.json !== undefined) {
    const value = context.render(fields.json as Json);
    return value.ok ? typed('application/json', JSON.stringify(value.value)) : value;
  }
  if (fields.form !== undefined) {
    const pairs = pairsOf(context, fields, 'form');
    return pairs.ok ? typed('application/x-www-form-urlencoded', String(pairs.value)) : pairs;
  }
  if (fields.body !== undefined) {
    const text = context.renderText(fields.body);
    return text.ok ? typed('text/plain; charset=utf-8', text.value) : text;
  }
  return fields.file === undefined ? ok({ headers: {} }) : typed('application/octet-stream');
}

interface Auth {
  readonly headers: Map<string>;
  readonly secrets: readonly string[];
}

/** Shorter ones are too likely to be part of ordinary words. */
const SECRET_LENGTH_MIN = 4;

function authOf(context: StepContext, { auth }: HttpFields): Result<Auth, Failure> {
  if (!auth) return ok({ headers: {}, secrets: [] });
  const secrets = (...all: string[]) => all.filter(({ length }) => length >= SECRET_LENGTH_MIN);
  if ('bearer' in auth) {
    const token = context.renderText(auth.bearer);
    if (!token.ok) return token;
    return ok({ headers: { authorization: `Bearer ${token.value}` }, secrets: secrets(token.value) });
  }
  const user = context.renderText(auth.basic.user);
  if (!user.ok) return user;
  const password = context.renderText(auth.basic.password);
  if (!password.ok) return password;
  const both = Buffer.from(`${user.value}:${password.value}`).toString('base64');
  return ok({ headers: { authorization: `Basic ${both}` }, secrets: secrets(both, password.value) });
}

/** The same for every attempt, and for a run that is resumed: whoever gets it twice does the work once. */
function keyOf(context: StepContext, { idempotency_key: key }: HttpFields): Result<Map<string>, Failure> {
  if (key === undefined) return ok({});
  if (key === true) {
    const made = createHash('sha256').update(`${context.runId}\0${context.key}`).digest('hex').slice(0, 32);
    return ok({ 'idempotency-key': made });
  }
  const text = context.renderText(key);
  if (!text.ok) return text;
  if (text.value.trim() === '') return err(requestInvalid('`idempotency_key` is empty'));
  return ok({ 'idempotency-key': text.value });
}

function headersOf(
  context: StepContext,
  fields: HttpFields,
  made: Map<string>,
): Result<Map<string>, Failure> {
  const headers: Map<string> = {
    accept: '*/*',
    'accept-encoding': 'gzip, br',
    'user-agent': 'belay',
    ...made,
  };
  for (const [name, template] of Object.entries(fields.headers ?? {})) {
    const value = context.renderText(String(template));
    if (!value.ok) return value;
    headers[name.toLowerCase()] = value.value;
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeaderValue(value))
      return err(requestInvalid(`header \`${name}\` holds a character that no header may hold`));
  }
  return ok(headers);
}

function pathsOf(
  context: StepContext,
  fields: HttpFields,
): Result<Pick<HttpCall, 'file' | 'caFile' | 'saveTo'>, Failure> {
  const paths: Map<string> = {};
  for (const [name, template] of Object.entries({
    file: fields.file,
    caFile: fields.tls?.ca,
    saveTo: fields.save_to,
  })) {
    if (template === undefined) continue;
    const path = context.renderText(template);
    if (!path.ok) return path;
    if (path.value === '' || path.value.includes('\0'))
      return err(requestInvalid('a path is empty or holds a NUL character'));
    paths[name] = resolve(context.cwd, path.value);
  }
  const { file, caFile, saveTo } = paths;
  return ok({
    ...(file !== undefined && { file }),
    ...(caFile !== undefined && { caFile }),
    ...(saveTo !== undefined && { saveTo: { path: saveTo, inside: context.cwd } }),
  });
}
