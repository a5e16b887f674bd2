/** An output that is a file: written as a path, or as a map that says more about the file. */
import * as z from 'zod';
import type { ArtifactSpec } from '../../engine/core/model.ts';

const file = z.strictObject({
  path: z.string().trim().min(1).describe("Template; from the step's directory, else from that of the run"),
  media_type: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/, 'expected a media type such as `text/plain`')
    .max(100)
    .optional()
    .describe("By the file's extension unless said"),
  tags: z.array(z.string().trim().min(1).max(64)).max(20).optional(),
  pin: z.boolean().optional().describe('Never removed by retention'),
});

/** Of a step: a template, a path, or a file with more about it. */
export const stepOutput = z.union([z.string(), file]);

export type StepOutput = z.output<typeof stepOutput>;

/**
 * A text that begins as a path does makes an artifact, anything else a value. With an expression in it only a path with
 * its dot is meant: `/api/{{ id }}` may be an address.
 */
export const isArtifactPath = (text: string): boolean =>
  /^\.{1,2}\//.test(text) || (text.startsWith('/') && !text.includes('{{'));

/** The template of the output. */
export const outputText = (written: StepOutput): string =>
  typeof written === 'string' ? written : written.path;

/** How the file is stored; undefined for an output that is a value. */
export function artifactSpec(written: StepOutput): ArtifactSpec | undefined {
  if (typeof written === 'string') return isArtifactPath(written) ? {} : undefined;
  const { media_type: mediaType, tags = [], pin } = written;
  return {
    ...(mediaType !== undefined && { mediaType }),
    ...(tags.length > 0 && { tags }),
    ...(pin === true && { pin }),
  };
}
