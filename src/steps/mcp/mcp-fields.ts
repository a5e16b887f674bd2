/**
 * The fields of `mcp` as a definition writes them. Owns their schema and what contradicts itself in them; a field that
 * may hold `{{ }}` is checked again when it has its value, in `mcp-call.ts`.
 */
import * as z from 'zod';
import { durationField } from '../duration.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** Headers that belong to the connection or to the protocol. */
const OWN_HEADERS =
  /^(?:accept|connection|content-length|content-type|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|last-event-id|mcp-.*)$/i;

/** Keys of a server that is an address; the others are those of a program. */
const OF_AN_ADDRESS = ['url', 'headers', 'allow_private'] as const;
const OF_A_PROGRAM = ['command', 'args', 'env', 'cwd', 'roots'] as const;

const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expected the name of a header')
  .refine((name) => !OWN_HEADERS.test(name), 'expected a header that the step may set itself');

/** A server, wherever a definition names one. */
export const serverField = z
  .strictObject({
    command: z
      .string()
      .min(1)
      .refine((text) => !text.includes('{{'), 'expected the program as it stands: values may go into `args`')
      .optional()
      .describe('Program of a server that speaks over standard input and output; there is no shell'),
    args: z.array(z.string()).optional().describe('Its arguments; may hold {{ }}, but no secrets'),
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable'), scalar)
      .optional()
      .describe('More variables, besides those of every step; secrets belong here'),
    cwd: z.string().min(1).optional().describe('Its directory, from the directory of the run'),
    roots: z
      .array(z.string().min(1))
      .optional()
      .describe('Directories that it is told about; the directory of the run unless said'),
    url: z
      .string()
      .min(1)
      .optional()
      .describe('Address of a server that speaks Streamable HTTP; may hold {{ }}'),
    headers: z.record(headerName, scalar).optional().describe('Name to value; secrets as expressions'),
    allow_private: z
      .boolean()
      .optional()
      .describe('Also go to private, loopback and link-local addresses that no literal URL names'),
  })
  .superRefine((written, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: [], message });
    const isProgram = written.command !== undefined;
    if (isProgram === (written.url !== undefined))
      return refuse('expected exactly one of `command` and `url`');
    const wrong = (isProgram ? OF_AN_ADDRESS : OF_A_PROGRAM).find((key) => written[key] !== undefined);
    if (wrong) refuse(`\`${wrong}\` does not go with \`${isProgram ? 'command' : 'url'}\``);
  });

/** A whole sha256, or with the beginnings of the digests of its parts, which tell what has changed. */
export const pinField = z
  .string()
  .regex(
    /^(?:ask|[0-9a-f]{64}(?:\.[0-9a-f]{8}){4}|[0-9a-f]{64})$/,
    'expected `ask`, or what an earlier run left as `definition_pin` or `definition_sha256`',
  );

/** What `mcp` may be given. */
export const mcpFields = z
  .strictObject({
    server: serverField.describe('The MCP server: a program to start (`command`), or an address (`url`)'),
    tool: z.string().min(1).optional().describe('Name of the tool to call'),
    resource: z.string().min(1).optional().describe('URI of the resource to read'),
    prompt: z.string().min(1).optional().describe('Name of the prompt to get'),
    arguments: z
      .record(z.string(), z.json())
      .optional()
      .describe('Arguments of the tool or prompt; values keep their types'),
    pin: pinField
      .optional()
      .describe(
        'The definition of the tool that is expected, as its digest; `ask`: a person sees it each time',
      ),
    on_change: z
      .enum(['fail', 'ask'])
      .optional()
      .describe('When the tool is not as pinned: fail unless said, or ask a person'),
    save_to: z
      .string()
      .min(1)
      .optional()
      .describe('Folder for images, sounds and files of the answer, inside the directory of the run'),
    start_timeout: durationField.optional().describe('Until the server speaks MCP; 1m unless said'),
    expires: durationField
      .optional()
      .describe('Time to answer what a person is asked on the way; without it questions stay open'),
  })
  .superRefine((written, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: [], message });
    const named = (['tool', 'resource', 'prompt'] as const).filter((key) => written[key] !== undefined);
    if (named.length !== 1) refuse('expected exactly one of `tool`, `resource` and `prompt`');
    if (written.resource !== undefined && written.arguments) refuse('a resource has no `arguments`');
    if (written.tool === undefined && written.pin !== undefined) refuse('`pin` is for a `tool`');
    if (written.on_change !== undefined && (written.pin === undefined || written.pin === 'ask'))
      refuse('`on_change` needs a `pin` that holds a digest');
  });

export type ServerFields = z.infer<typeof serverField>;
export type McpFields = z.infer<typeof mcpFields>;
