/**
 * The fields of `http` as a definition writes them. Owns their schema and what contradicts itself in them; a field
 * that may hold `{{ }}` is checked again when it has its value, in `http-call.ts`.
 */
import * as z from 'zod';
import { HTTP_MEMORY_BYTES_MAX } from '../../engine/core/limits.ts';
import { sizeBytes, sizeField } from '../size.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Headers that belong to the connection or follow from the body: set by hand they would cut requests apart. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expected the name of a header')
  .refine((name) => !OWN_HEADERS.has(name.toLowerCase()), 'expected a header that the step may set itself');
const values = z.record(z.string(), z.union([scalar, z.null(), z.array(scalar)]));

/** A secret written down is none: it has to come from a variable. */
const secret = z
  .string()
  .refine((text) => text.includes('{{'), 'expected an expression such as `{{ env.TOKEN }}`');
const auth = z.union([
  z.strictObject({ bearer: secret }),
  z.strictObject({ basic: z.strictObject({ user: z.string(), password: secret }) }),
]);

const status = z.union([
  z.int().min(100).max(599),
  z.string().regex(/^[1-5]xx$/, 'expected a status such as `404` or a class such as `2xx`'),
]);

/** What `http` may be given. */
export const httpFields = z
  .strictObject({
    url: z.string().min(1).describe('http:// or https://; may hold {{ }}'),
    method: z.enum(METHODS).optional().describe('GET unless said, POST where there is a body'),
    headers: z.record(headerName, scalar).optional().describe('Name to value'),
    query: values.optional().describe('Name to value or list of values, added to the URL and encoded'),
    json: z.json().optional().describe('A body: any value, sent as JSON'),
    form: values.optional().describe('A body: name to value, sent as a form'),
    body: z.string().optional().describe('A body: text'),
    file: z.string().min(1).optional().describe('A body: the bytes of a file, from the directory of the run'),
    auth: auth.optional().describe('{bearer: …} or {basic: {user, password}}; secrets are expressions'),
    expect: z
      .union([status, z.array(status).min(1)])
      .optional()
      .describe('Status, class (`2xx`) or list of them that is a success; 2xx unless said'),
    save_to: z
      .string()
      .min(1)
      .optional()
      .describe('File for the answer, inside the directory of the run; then it is no output'),
    max_bytes: sizeField.optional().describe('What the answer may hold; 8MB unless said'),
    idempotency_key: z
      .union([z.literal(true), z.string().min(1)])
      .optional()
      .describe('Sent as Idempotency-Key, the same for each attempt; true makes one for run and step'),
    tls: z
      .strictObject({
        ca: z
          .string()
          .min(1)
          .optional()
          .describe('PEM file of the authorities to trust, in place of the usual'),
        insecure: z.boolean().optional().describe('Take any certificate'),
      })
      .optional()
      .describe('How the certificate is checked'),
    allow_private: z
      .boolean()
      .optional()
      .describe('Also go to private, loopback and link-local addresses that no literal URL names'),
  })
  .superRefine((written, context) => {
    const bodies = (['json', 'form', 'body', 'file'] as const).filter((key) => written[key] !== undefined);
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: [], message });
    if (bodies.length > 1) refuse('expected at most one of `json`, `form`, `body` and `file`');
    if (bodies.length > 0 && written.method === 'HEAD') refuse('a HEAD request has no body');
    const names = Object.keys(written.headers ?? {}).map((name) => name.toLowerCase());
    if (written.auth && names.includes('authorization'))
      refuse('expected at most one of `auth` and the header `authorization`');
    if (written.idempotency_key !== undefined && names.includes('idempotency-key'))
      refuse('expected at most one of `idempotency_key` and the header `idempotency-key`');
    if (written.save_to === undefined && (sizeBytes(written.max_bytes) ?? 0) > HTTP_MEMORY_BYTES_MAX)
      refuse(`expected \`save_to\` where \`max_bytes\` is over ${HTTP_MEMORY_BYTES_MAX} bytes`);
  });

export type HttpFields = z.infer<typeof httpFields>;
