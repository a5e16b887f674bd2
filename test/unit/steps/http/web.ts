/** A real web server of a test, and `http` steps that ask it: begun as the host does, then performed. */
import { mkdtempSync, rmSync } from 'node:fs';
import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Failure } from '../../../../src/engine/core/failure.ts';
import type { Json, JsonObject, Step } from '../../../../src/engine/core/model.ts';
import type { Outcome } from '../../../../src/engine/core/step-type.ts';
import { httpStep } from '../../../../src/steps/http.step.ts';
import { fakeCall } from '../fake-call.ts';
import { fakeContext } from '../fake-context.ts';
import type { Certificate } from './certificate.ts';

/** What a server has been sent. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Web {
  /** `http://127.0.0.1:1234`, without a slash at its end. */
  readonly origin: string;
  readonly seen: readonly Seen[];
}

/** Answers each request, once it has been read, with what the listener does. */
export async function web(listener: RequestListener, tls?: Certificate): Promise<Web> {
  const seen: Seen[] = [];
  const listen: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      listener(request, response);
    });
  };
  const server = tls
    ? https.createServer({ key: tls.key, cert: tls.cert }, listen)
    : http.createServer(listen);
  const port = await listening(server);
  return { origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, seen };
}

function listening(server: Server): Promise<number> {
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** A folder that goes with the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'belay-http-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Asking {
  readonly values?: { readonly [source: string]: Json };
  readonly cwd?: string;
  readonly step?: Partial<Step>;
  readonly signal?: AbortSignal;
}

/** The outcome of a step with this config; what `begin` refuses is a failure too. */
export async function ask(config: JsonObject, asking: Asking = {}): Promise<Outcome> {
  const problem = httpStep.schema.safeParse(config).error;
  if (problem) throw problem;
  const context = fakeContext({ type: 'http', config, cwd: scratchFolder(), ...asking });
  const begun = httpStep.begin(context);
  if (!begun.ok) return { ok: false, failure: begun.error };
  const action = begun.value;
  if (action.kind !== 'call' || !httpStep.perform) throw new Error(`found ${action.kind}`);
  // as data, like anything that stands between the two
  const call = JSON.parse(JSON.stringify(action.call)) as JsonObject;
  return httpStep.perform(call, fakeCall(asking));
}

/** The outcome of a step that succeeds. */
export async function asked(
  config: JsonObject,
  asking?: Asking,
): Promise<{
  readonly outputs: JsonObject;
  readonly names: JsonObject;
  readonly warnings: readonly string[];
}> {
  const outcome = await ask(config, asking);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
  const { outputs = {}, names = {}, warnings = [] } = outcome;
  return { outputs, names, warnings };
}

/** The failure of a step that fails. */
export async function refused(config: JsonObject, asking?: Asking): Promise<Failure> {
  const outcome = await ask(config, asking);
  if (outcome.ok) throw new Error(`succeeded: ${JSON.stringify(outcome.outputs)}`);
  return outcome.failure;
}
