/** The resource of an artifact. */
export const artifactUri = (runId: string, name: string): string =>
  `belay://runs/${runId}/artifacts/${encodeURIComponent(name)}`;
