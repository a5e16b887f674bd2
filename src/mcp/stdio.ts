/**
 * `belay mcp`: one client over this process's stdin and stdout, whichever protocol era it speaks.
 * From here on stdout carries protocol frames only: whatever else is written there goes to stderr.
 */
import { Writable } from 'node:stream';
import type { OpenBelay } from '../tools/belay.ts';
import type { Tool } from '../tools/tool.ts';
import { serveConnection } from './connection.ts';
import type { PromptReader } from './prompts.ts';
import type { ResourceReader } from './resources.ts';
import { StdioTransport } from './stdio-transport.ts';

/** A tool whose wait was ended needs a moment to look once more and answer. */
const DRAIN_MS = 5_000;

interface McpStdioOptions {
  readonly home: string;
  readonly open: OpenBelay;
  readonly tools: readonly Tool[];
  readonly resources?: ResourceReader;
  readonly prompts?: PromptReader;
  readonly version: string;
  /** Working directory for runs that name none. */
  readonly cwd: string;
  /** Called once: nobody reads the answers any more. */
  onClientGone(): void;
}

/** Serves until the client has gone (stdin ended or stdout broke), then resolves. Never rejects for what a client does. */
export async function serveMcpStdio(options: McpStdioOptions): Promise<void> {
  const leaving = new AbortController();
  const transport = new StdioTransport({
    input: process.stdin,
    output: claimStdout(),
    drainMs: DRAIN_MS,
    onInputEnd: () => leaving.abort(),
  });
  serveConnection(transport, { ...options, leaving: leaving.signal });
  await transport.closed;
  options.onClientGone();
}

function claimStdout(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  const frames = new Writable({
    decodeStrings: false,
    write: (chunk, encoding, done) => {
      write(chunk, encoding, done);
    },
  });
  stdout.on('error', (error) => frames.destroy(error));
  // A vanished client takes stderr along; losing the text is better than dying of it.
  stderr.on('error', () => {});
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  return frames;
}
