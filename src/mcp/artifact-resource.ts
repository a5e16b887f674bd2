/** An artifact as a resource: text where it is text, else bytes; one that is too large is refused with the way to it. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { bytesText } from '../engine/core/bytes-text.ts';
import { RESOURCE_BYTES_MAX } from '../tools/answer-budget.ts';
import { findArtifact, readArtifact } from '../tools/artifacts.ts';
import type { Belay } from '../tools/belay.ts';
import type { ToolError } from '../tools/tool.ts';
import type { ResourceBytes, ResourceText } from './resources.ts';

/** Undefined where the run never had an artifact of that name. */
export async function artifactResource(
  belay: Belay,
  runId: string,
  name: string,
): Promise<ResourceText | ResourceBytes | undefined> {
  const found = findArtifact(belay, runId, name);
  if (!found.ok) {
    if (found.error.code === 'unknown_run' || found.error.code === 'unknown_artifact') return undefined;
    throw refused(found.error);
  }
  const { size, mediaType: mimeType } = found.value;
  if (size > RESOURCE_BYTES_MAX) throw refused(tooLarge(runId, name, size));
  const read = await readArtifact(belay.artifacts, found.value);
  if (!read.ok) throw refused(read.error);
  const bytes = await whole(read.value);
  const text = textOf(bytes);
  return text === undefined ? { mimeType, blob: bytes.toString('base64') } : { mimeType, text };
}

const refused = ({ message, hint }: ToolError): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.InvalidParams, hint === undefined ? message : `${message}; ${hint}`);

const tooLarge = (runId: string, name: string, size: number): ToolError => ({
  code: 'too_large',
  message: `artifact \`${name}\` of run \`${runId}\` has ${bytesText(size)}, a resource at most ${bytesText(RESOURCE_BYTES_MAX)}`,
  hint: `copy it with \`belay artifacts get ${runId} ${name} -o FILE\``,
});

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  try {
    for await (const piece of pieces) all.push(Buffer.from(piece));
  } catch (error) {
    throw new ProtocolError(ProtocolErrorCode.InternalError, (error as Error).message);
  }
  return Buffer.concat(all);
}

/** Undefined for what is no UTF-8, or holds a NUL as no text does. */
function textOf(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
