/** The resources of one Belay: workflow texts, run views, reports, artifacts and step logs, by URI. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { loadRun } from '../engine/host/load-run.ts';
import { cutText, RESOURCE_BYTES_MAX } from '../tools/answer-budget.ts';
import type { Belay, OpenBelay } from '../tools/belay.ts';
import { fitView } from '../tools/fit-view.ts';
import { reportText } from '../tools/report-text.ts';
import { rollbackView } from '../tools/rollback-view.ts';
import { runReport } from '../tools/run-report.ts';
import { runView } from '../tools/run-view.ts';
import { savedInstructions } from '../tools/saved-instructions.ts';
import { shownTail } from '../tools/shown-log.ts';
import { artifactResource } from './artifact-resource.ts';
import type { ResourceBytes, ResourceReader, ResourceText } from './resources.ts';

const INSTRUCTIONS = /^belay:\/\/runs\/([^/]+)\/instructions$/;
const REPORT = /^belay:\/\/runs\/([^/]+)\/report$/;
const ARTIFACT = /^belay:\/\/runs\/([^/]+)\/artifacts\/([^/]+)$/;
const RUN = /^belay:\/\/runs\/([^/]+)$/;
const LOG = /^belay:\/\/runs\/([^/]+)\/steps\/([^/]+)\/log$/;
const WORKFLOW = /^belay:\/\/workflows\/([^/]+)$/;

const TEMPLATES: ResourceReader['templates'] = [
  {
    uriTemplate: 'belay://workflows/{name}',
    name: 'workflow',
    description: 'The definition of a workflow',
    mimeType: 'application/yaml',
  },
  {
    uriTemplate: 'belay://runs/{run_id}',
    name: 'run',
    description: 'The run view',
    mimeType: 'application/json',
  },
  {
    uriTemplate: 'belay://runs/{run_id}/report',
    name: 'report',
    description: 'All that a run did, as one page; of a run that has not finished, so far',
    mimeType: 'text/markdown',
  },
  {
    uriTemplate: 'belay://runs/{run_id}/artifacts/{name}',
    name: 'artifact',
    description: 'A file that a run has handed out',
    mimeType: 'application/octet-stream',
  },
  {
    uriTemplate: 'belay://runs/{run_id}/instructions',
    name: 'rollback instructions',
    description: 'What a person does to take a run back by hand',
    mimeType: 'text/markdown',
  },
  {
    uriTemplate: 'belay://runs/{run_id}/steps/{step}/log',
    name: 'step log',
    description: 'Combined output of the last attempt of a step',
    mimeType: 'text/plain',
  },
];

export function belayResources(open: OpenBelay): ResourceReader {
  const opened = async (): Promise<Belay> => {
    const belay = await open();
    if (!belay.ok) throw new ProtocolError(ProtocolErrorCode.InternalError, belay.error.message);
    return belay.value;
  };
  return {
    templates: TEMPLATES,
    list: async () => ({
      resources: (await opened()).library.list().map((entry) => ({
        uri: `belay://workflows/${entry.name}`,
        name: entry.name,
        mimeType: 'application/yaml',
      })),
    }),
    async read(uri) {
      const belay = await opened();
      return (
        workflowText(belay, uri) ??
        (await runText(belay, uri)) ??
        (await reportOf(belay, uri)) ??
        (await artifactOf(belay, uri)) ??
        instructionsText(belay, uri) ??
        logText(belay, uri)
      );
    },
  };
}

function workflowText(belay: Belay, uri: string): ResourceText | undefined {
  const [name] = namesIn(WORKFLOW, uri);
  const found = name === undefined ? undefined : belay.library.find(name);
  return found && { mimeType: 'application/yaml', text: found.text };
}

async function runText(belay: Belay, uri: string): Promise<ResourceText | undefined> {
  const [runId] = namesIn(RUN, uri);
  const loaded = runId === undefined ? undefined : loadRun(belay.journal, runId);
  if (!loaded?.ok) return undefined;
  const view = runView(loaded.value, {
    logs: belay,
    nowMs: belay.clock.now(),
    checkpoints: true,
    rollback: await rollbackView(belay, loaded.value),
  });
  return { mimeType: 'application/json', text: JSON.stringify(fitView(view, RESOURCE_BYTES_MAX)) };
}

async function reportOf(belay: Belay, uri: string): Promise<ResourceText | undefined> {
  const [runId] = namesIn(REPORT, uri);
  const report = runId === undefined ? undefined : await runReport(belay, runId);
  if (!report?.ok) return undefined;
  const text = cutText(
    reportText(report.value),
    RESOURCE_BYTES_MAX,
    `\`belay report ${runId}\` has the whole`,
  );
  return { mimeType: 'text/markdown', text };
}

async function artifactOf(belay: Belay, uri: string): Promise<ResourceText | ResourceBytes | undefined> {
  const [runId, name] = namesIn(ARTIFACT, uri);
  return runId === undefined || name === undefined ? undefined : artifactResource(belay, runId, name);
}

function instructionsText(belay: Belay, uri: string): ResourceText | undefined {
  const [runId] = namesIn(INSTRUCTIONS, uri);
  const loaded = runId === undefined ? undefined : loadRun(belay.journal, runId);
  const text = loaded?.ok ? savedInstructions(belay, loaded.value) : undefined;
  return text === undefined ? undefined : { mimeType: 'text/markdown', text };
}

function logText(belay: Belay, uri: string): ResourceText | undefined {
  const [runId, step] = namesIn(LOG, uri);
  if (runId === undefined || step === undefined) return undefined;
  const loaded = loadRun(belay.journal, runId);
  if (!loaded.ok) return undefined;
  const state = loaded.value.byKey.get(step);
  if (!(state?.process || state?.call) || state.seq === undefined) return undefined;
  // of a log that is too long the end matters
  const query = { tailLines: Number.POSITIVE_INFINITY, bytesMax: RESOURCE_BYTES_MAX };
  return { mimeType: 'text/plain', text: shownTail(belay, loaded.value, state, query) };
}

/** The names in a URI; none when it is of another form, or cannot be decoded: then it names nothing. */
function namesIn(form: RegExp, uri: string): readonly string[] {
  try {
    return (form.exec(uri) ?? []).slice(1).map((name) => decodeURIComponent(name));
  } catch {
    return [];
  }
}
