/** What a run leaves to be read or taken away: its report, the logs of its steps, its artifacts. Names stand in the query. */
import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import { log } from '../engine/host/log.ts';
import { unknownRun } from '../tools/answers.ts';
import { artifactFileName, findArtifact, readArtifact } from '../tools/artifacts.ts';
import type { ToolError } from '../tools/tool.ts';
import { errorOf, problem } from './problem.ts';
import type { HttpEnv, Site } from './site.ts';

type Answer = (site: Site, c: Context<HttpEnv>) => Promise<Response>;

const runOf = (c: Context<HttpEnv>): string => c.req.param('run_id') ?? '';

export const runReport: Answer = (site, c) => readable(site, c, 'report');

export const stepLog: Answer = (site, c) => {
  const step = c.req.query('step');
  return step === undefined
    ? Promise.resolve(problem(missing('step')))
    : readable(site, c, `steps/${encodeURIComponent(step)}/log`);
};

/** A text that is an MCP resource, too. */
async function readable(site: Site, c: Context<HttpEnv>, what: string): Promise<Response> {
  const opened = await site.open();
  if (!opened.ok) return problem({ ...opened.error });
  if (!opened.value.journal.run(runOf(c))) return problem(errorOf(unknownRun(opened.value, runOf(c))));
  const found = await site.resources.read(`belay://runs/${runOf(c)}/${what}`);
  if (!found || !('text' in found)) return problem(noText);
  // as text: nothing that a step has written becomes a page
  return new Response(found.text, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

/** Sent as it is read, verified on the way: what is damaged ends early, and the length tells. */
export const artifact: Answer = async (site, c) => {
  const name = c.req.query('name');
  if (name === undefined) return problem(missing('name'));
  const opened = await site.open();
  if (!opened.ok) return problem({ ...opened.error });
  const found = findArtifact(opened.value, runOf(c), name);
  if (!found.ok) return problem(found.error);
  const { sha256, size } = found.value;
  const etag = `"${sha256}"`;
  const headers = { etag, 'cache-control': 'private, no-cache' };
  if (c.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
  const read = await readArtifact(opened.value.artifacts, found.value);
  if (!read.ok) return problem(read.error);
  const file = encodeURIComponent(artifactFileName(found.value)).replace(/['()*]/g, percent);
  for (const [header, value] of Object.entries({
    ...headers,
    'content-length': String(size),
    // to keep, never to show: a step decides what is in it
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${file}`,
  }))
    c.header(header, value);
  return stream(c, async (answer) => {
    try {
      for await (const piece of read.value) {
        if (answer.aborted) return;
        await answer.write(piece);
      }
    } catch (err) {
      log.error({ err, sha256 }, 'an artifact cannot be read to its end');
      c.env.outgoing.destroy();
    }
  });
};

/** What `encodeURIComponent` leaves and RFC 8187 does not. */
const percent = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

const missing = (name: string): ToolError => ({
  code: 'invalid_input',
  message: `argument \`${name}\` is missing, expected string`,
  hint: `add \`?${name}=\` to the address`,
});

const noText: ToolError = {
  code: 'unknown_step',
  message: 'there is no such log, or nothing has been written',
  hint: 'workflow_status shows the steps of the run',
};
