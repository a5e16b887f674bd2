/** The resources of one Belay: workflow texts, run views, reports, artifacts and step logs, by URI. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { loadRun } from '../engine/host/load-run.ts';
import { cutText, RESOURCE_BYTES_MAX } from '../tools/answer-budget.ts';
import type { Belay, OpenBelay } from '../tools/belay.ts';
import { checkpointViews } from '../tools/checkpoint-view.ts';
import { fitView } from '../tools/fit-view.ts';
import { reportText } from '../tools/report-text.ts';
import { rollbackView } from '../tools/rollback-view.ts';
import { runReport } from '../tools/run-report.ts';
import { runView } from '../tools/run-view.ts';
import { savedInstructions } from '../tools/saved-instructions.ts';
import { shownTail } from '../tools/shown-log.ts';
import { artifactResource } from './artifact-resource.ts';
import { TEMPLATES } from './belay-templates.ts';
import { icons } from './icons.ts';
import type { ListedResource, ResourceBytes, ResourceReader, ResourceText } from './resources.ts';
import { titleOf } from './title-of.ts';
import { RUN_VIEW_META, RUN_VIEW_URI } from './view/run-view-uri.ts';
import { VIEW_MIME_TYPE } from './view/view-mime-type.ts';

/** Of what only changes with the program. */
const LASTING_TTL_MS = 3_600_000;

const INSTRUCTIONS = /^belay:\/\/runs\/([^/]+)\/instructions$/;
const REPORT = /^belay:\/\/runs\/([^/]+)\/report$/;
const ARTIFACT = /^belay:\/\/runs\/([^/]+)\/artifacts\/([^/]+)$/;
const CHECKPOINT = /^belay:\/\/runs\/([^/]+)\/checkpoints\/([^/]+)$/;
const RUN = /^belay:\/\/runs\/([^/]+)$/;
const LOG = /^belay:\/\/runs\/([^/]+)\/steps\/([^/]+)\/log$/;
const WORKFLOW = /^belay:\/\/workflows\/([^/]+)$/;

export function belayResources(open: OpenBelay): ResourceReader {
  const opened = async (): Promise<Belay> => {
    const belay = await open();
    if (!belay.ok) throw new ProtocolError(ProtocolErrorCode.InternalError, belay.error.message);
    return belay.value;
  };
  return {
    templates: TEMPLATES,
    list: async () => listed(await opened()),
    async read(uri) {
      const belay = await opened();
      return (
        workflowText(belay, uri) ??
        (await runText(belay, uri)) ??
        (await reportOf(belay, uri)) ??
        (await artifactOf(belay, uri)) ??
        instructionsText(belay, uri) ??
        checkpointText(belay, uri) ??
        logText(belay, uri) ??
        (await extensionText(belay, uri))
      );
    },
  };
}

async function listed(belay: Belay): Promise<readonly ListedResource[]> {
  const { skillLinks } = await import('./skills/skill-reader.ts');
  const workflows = belay.library.list().map(({ name, description }) => ({
    uri: `belay://workflows/${name}`,
    name,
    title: titleOf(name),
    ...(description !== undefined && { description }),
    mimeType: 'application/yaml',
    icons: icons('page'),
  }));
  const skills = (await skillLinks(belay)).map((link) => ({ ...link, icons: icons('hint') }));
  return [...workflows, ...skills, VIEW];
}

const VIEW: ListedResource = {
  uri: RUN_VIEW_URI,
  name: 'run view',
  title: 'View of a run',
  description: 'Timeline and questions of a run, for hosts that show views',
  mimeType: VIEW_MIME_TYPE,
  _meta: RUN_VIEW_META,
};

/** What stands in resources for the sake of an extension. */
async function extensionText(belay: Belay, uri: string): Promise<ResourceText | undefined> {
  if (uri === RUN_VIEW_URI) {
    const { RUN_VIEW_PAGE } = await import('./view/run-view-page.ts');
    return {
      mimeType: VIEW_MIME_TYPE,
      text: RUN_VIEW_PAGE,
      _meta: RUN_VIEW_META,
      ttlMs: LASTING_TTL_MS,
      cacheScope: 'public',
    };
  }
  if (!uri.startsWith('skill://')) return undefined;
  const { readSkillFile } = await import('./skills/skill-reader.ts');
  return readSkillFile(belay, uri);
}

function checkpointText(belay: Belay, uri: string): ResourceText | undefined {
  const [runId, id] = namesIn(CHECKPOINT, uri);
  const loaded = runId === undefined ? undefined : loadRun(belay.journal, runId);
  const found = loaded?.ok ? checkpointViews(loaded.value, true).find((each) => each.id === id) : undefined;
  return found && { mimeType: 'application/json', text: JSON.stringify(found) };
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
