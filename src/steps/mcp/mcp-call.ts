/**
 * One call of another MCP server as data: what a step's fields become when their expressions have values. Made anew for
 * each attempt and never journaled, because it holds secrets. Looks at directories, never at the network.
 */
import { resolve } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { MCP_SILENT_MS_MAX, MCP_START_MS_USUAL } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { durationMs } from '../duration.ts';
import { isHeaderValue } from '../http/header-value.ts';
import { isHostLiteral } from '../http/http-call.ts';
import { requestInvalid } from '../http/http-messages.ts';
import { workingDirectory } from '../working-directory.ts';
import type { McpFields, ServerFields } from './mcp-fields.ts';
import { programMissing } from './mcp-messages.ts';

type Texts = { readonly [name: string]: string };

/** A type, not an interface, so that it counts as JSON; so are the others here. */
export type ProgramServer = {
  readonly kind: 'program';
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Texts;
  /** Absolute. */
  readonly cwd: string;
  /** Absolute. */
  readonly roots: readonly string[];
};

export type WebServer = {
  readonly kind: 'web';
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Texts;
  /** Nobody who may be trusted has named the host. */
  readonly isChecked: boolean;
};

export type McpTarget =
  | { readonly kind: 'tool'; readonly name: string; readonly arguments: JsonObject }
  | { readonly kind: 'prompt'; readonly name: string; readonly arguments: Texts }
  | { readonly kind: 'resource'; readonly uri: string };

export type McpCall = {
  readonly server: ProgramServer | WebServer;
  readonly target: McpTarget;
  readonly pin?: string;
  /** Whether a person may let a tool through that is not as pinned. */
  readonly asks: boolean;
  readonly startMs: number;
  /** Absent where the step has a timeout of its own: then the host ends it. */
  readonly silentMs?: number;
  readonly expiresMs?: number;
  /** A folder inside `cwd`. */
  readonly saveTo?: string;
  /** The directory of the run. */
  readonly cwd: string;
  /** The step takes what it wants by `outputs:` of its own: the whole answer is not kept. */
  readonly keepsLittle: boolean;
  /** Never to be seen in messages, logs and outputs. */
  readonly secrets: readonly string[];
  /** It may be made again without harm. */
  readonly repeatable: boolean;
  readonly notes: readonly Json[];
};

/** Shorter ones are too likely to be part of ordinary words. */
const SECRET_LENGTH_MIN = 6;
/** Names of variables and headers whose values are nobody's business. */
const SECRET_NAME = /auth|token|secret|passw|credential|cookie|key/i;

/** A server as it may be started or asked, and what of it is nobody's business. */
export type McpServer = {
  readonly server: ProgramServer | WebServer;
  readonly secrets: readonly string[];
};

/**
 * Failures `server_not_started`, `cwd_missing`, `request_invalid`, or what an expression says.
 * @param withheld variables of the run that a program is not given, unless `env` of the server gives them
 */
export function mcpServer(
  context: StepContext,
  written: ServerFields,
  withheld: ReadonlySet<string> = new Set(),
): Result<McpServer, Failure> {
  const server =
    written.command === undefined
      ? webServer(context, written)
      : programServer(context, written, written.command, withheld);
  return server.ok ? ok({ server: server.value, secrets: secretsOf(server.value, written) }) : server;
}

/** Failures as those of `mcpServer`. */
export function mcpCall(context: StepContext, fields: McpFields): Result<McpCall, Failure> {
  const server = mcpServer(context, fields.server);
  if (!server.ok) return server;
  const target = targetOf(context, fields);
  if (!target.ok) return target;
  const saveTo = fields.save_to === undefined ? ok(undefined) : context.renderText(fields.save_to);
  if (!saveTo.ok) return saveTo;
  const { step, cwd, notes } = context;
  const { pin, expires } = fields;
  const expiresMs = durationMs(expires);
  return ok({
    ...server.value,
    target: target.value,
    ...(pin !== undefined && pin !== 'ask' && { pin }),
    asks: pin === 'ask' || fields.on_change === 'ask',
    startMs: durationMs(fields.start_timeout) ?? MCP_START_MS_USUAL,
    ...(step.timeoutMs === undefined && { silentMs: MCP_SILENT_MS_MAX }),
    ...(expiresMs !== undefined && { expiresMs }),
    ...(saveTo.value !== undefined && { saveTo: saveTo.value }),
    cwd,
    keepsLittle: Object.keys(step.outputs).length > 0,
    repeatable: step.idempotent || fields.tool === undefined,
    notes,
  });
}

function programServer(
  context: StepContext,
  written: ServerFields,
  command: string,
  withheld: ReadonlySet<string>,
): Result<ProgramServer, Failure> {
  if (context.which(command) === undefined) return err(programMissing(command));
  const cwd = workingDirectory(context, written.cwd);
  if (!cwd.ok) return cwd;
  const args = listOf(context, written.args ?? []);
  if (!args.ok) return args;
  const roots = listOf(context, written.roots ?? ['.']);
  if (!roots.ok) return roots;
  const environment = context.environment();
  if (!environment.ok) return environment;
  const more = textsOf(context, written.env ?? {});
  if (!more.ok) return more;
  const usual = Object.entries(environment.value).filter(([name]) => !withheld.has(name));
  const env = { ...Object.fromEntries(usual), ...more.value };
  const all = [...args.value, ...Object.values(env)];
  if (all.some((text) => text.includes('\0')))
    return err(requestInvalid('`server`: an argument or a variable holds a NUL character'));
  return ok({
    kind: 'program',
    // found from the directory of the run, wherever it is started
    command: command.includes('/') ? resolve(context.cwd, command) : command,
    args: args.value,
    env,
    cwd: cwd.value,
    roots: roots.value.map((path) => resolve(context.cwd, path)),
  });
}

function webServer(
  context: StepContext,
  { url: template = '', headers: templates = {}, allow_private: allowsPrivate }: ServerFields,
): Result<WebServer, Failure> {
  const text = context.renderText(template);
  if (!text.ok) return text;
  const url = URL.parse(text.value);
  // what it holds may be secret: it is not shown
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    return err(requestInvalid('`server.url` is no absolute URL of http or https'));
  if (url.username !== '' || url.password !== '')
    return err(requestInvalid('`server.url` holds a user or a password', 'give them in `server.headers`'));
  const values = textsOf(context, templates);
  if (!values.ok) return values;
  const headers = Object.fromEntries(
    Object.entries(values.value).map(([name, value]) => [name.toLowerCase(), value]),
  );
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeaderValue(value))
      return err(requestInvalid(`header \`${name}\` holds a character that no header may hold`));
  }
  const isChecked = !isHostLiteral(template) && allowsPrivate !== true;
  return ok({ kind: 'web', url: url.href, headers, isChecked });
}

function textsOf(
  context: StepContext,
  templates: { readonly [name: string]: string | number | boolean },
): Result<Texts, Failure> {
  const texts: { [name: string]: string } = {};
  for (const [name, template] of Object.entries(templates)) {
    const text = context.renderText(String(template));
    if (!text.ok) return text;
    texts[name] = text.value;
  }
  return ok(texts);
}

function listOf(context: StepContext, templates: readonly string[]): Result<readonly string[], Failure> {
  const texts = textsOf(context, Object.fromEntries(templates.entries()));
  return texts.ok ? ok(Object.values(texts.value)) : texts;
}

function targetOf(context: StepContext, fields: McpFields): Result<McpTarget, Failure> {
  const { tool, resource, prompt } = fields;
  const name = context.renderText(tool ?? prompt ?? resource ?? '');
  if (!name.ok) return name;
  if (resource !== undefined) return ok({ kind: 'resource', uri: name.value });
  const given = context.render((fields.arguments ?? {}) as Json);
  if (!given.ok) return given;
  const values = given.value as JsonObject;
  const wrong = Object.keys(values).find((key) => tool === undefined && typeof values[key] !== 'string');
  if (wrong !== undefined)
    return err(requestInvalid(`\`arguments.${wrong}\` is no text: a prompt takes texts only`));
  if (tool === undefined) return ok({ kind: 'prompt', name: name.value, arguments: values as Texts });
  return ok({ kind: 'tool', name: name.value, arguments: values });
}

/** Values of variables and headers that are given as secrets; of a header also what stands behind its scheme. */
function secretsOf(server: ProgramServer | WebServer, written: ServerFields): readonly string[] {
  const given = server.kind === 'web' ? server.headers : server.env;
  const names = Object.keys(written.headers ?? written.env ?? {});
  return names
    .filter((name) => SECRET_NAME.test(name))
    .map((name) => given[server.kind === 'web' ? name.toLowerCase() : name] ?? '')
    .flatMap((value) => [value, ...value.split(' ').slice(1)])
    .filter(({ length }) => length >= SECRET_LENGTH_MIN);
}
