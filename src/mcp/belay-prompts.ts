/**
 * Each workflow as a prompt: a person picks it, fills in the inputs, and the model is asked to run it. What was filled in
 * goes into the text as JSON, as data for the call. Completion offers names, run ids, steps, checkpoints and the
 * values of an enum.
 */
import { type Prompt, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { LibraryEntry } from '../definition/library.ts';
import type { InputSpec, Json } from '../engine/core/model.ts';
import { loadRun } from '../engine/host/load-run.ts';
import type { Belay, OpenBelay } from '../tools/belay.ts';
import { nearestText } from '../tools/nearest-text.ts';
import { icons } from './icons.ts';
import type { Completing, PromptReader } from './prompts.ts';
import { titleOf } from './title-of.ts';

/** One more than an answer shows, so that it says when there are more. */
const RUN_IDS_MAX = 101;

export function belayPrompts(open: OpenBelay): PromptReader {
  const opened = async (): Promise<Belay> => {
    const belay = await open();
    if (!belay.ok) throw new ProtocolError(ProtocolErrorCode.InternalError, belay.error.message);
    return belay.value;
  };
  return {
    list: async () => (await opened()).library.list().filter(isRunnable).map(promptOf),
    async get(name, given) {
      const entries = (await opened()).library.list().filter(isRunnable);
      const entry = entries.find((each) => each.name === name);
      if (!entry)
        return `prompt \`${name}\` is not known; ${nearestText(
          name,
          entries.map((each) => each.name),
        )}`;
      const unknown = Object.keys(given).find((argument) => !Object.hasOwn(entry.inputs, argument));
      if (unknown !== undefined)
        return `unknown argument \`${unknown}\`; ${nearestText(unknown, Object.keys(entry.inputs))}`;
      const text = promptText(entry, given);
      return {
        ...(entry.description !== undefined && { description: entry.description }),
        messages: [{ role: 'user', content: { type: 'text', text } }],
      };
    },
    complete: async (completing) => valuesFor(await opened(), completing),
  };
}

const isRunnable = (entry: LibraryEntry): boolean => entry.problem === undefined;

const promptOf = ({ name, description, inputs }: LibraryEntry): Prompt => ({
  name,
  title: titleOf(name),
  ...(description !== undefined && { description }),
  icons: icons('run'),
  arguments: Object.entries(inputs).map(([argument, spec]) => ({
    name: argument,
    title: titleOf(argument.replaceAll('_', '-')),
    ...(spec.description !== undefined && { description: spec.description }),
    required: isNeeded(spec),
  })),
});

const isNeeded = (spec: InputSpec): boolean => spec.required && spec.default === undefined;

function promptText({ name, inputs }: LibraryEntry, given: { readonly [argument: string]: string }): string {
  const values = Object.entries(given).filter(([, text]) => text !== '');
  const call = {
    workflow: name,
    inputs: Object.fromEntries(values.map(([argument, text]) => [argument, typed(inputs[argument], text)])),
  };
  const missing = Object.keys(inputs).filter(
    (argument) => isNeeded(inputs[argument] as InputSpec) && !values.some(([each]) => each === argument),
  );
  return [
    `Run the workflow \`${name}\` with workflow_execute and these arguments:`,
    JSON.stringify(call),
    ...(missing.length > 0 ? [`Ask me first for ${missing.map((each) => `\`${each}\``).join(', ')}.`] : []),
    'Follow the run with workflow_status until it has ended or asks me something, then tell me how it went.',
  ].join('\n\n');
}

/** Arguments of a prompt are text; what cannot be read as the input wants it stays text, and the tool says so. */
function typed(spec: InputSpec | undefined, text: string): Json {
  if (spec === undefined || spec.type === 'string' || spec.type === 'file') return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function valuesFor(belay: Belay, { ref, argument, context }: Completing): readonly string[] {
  const { name, value } = argument;
  if (ref.type === 'ref/prompt') {
    const spec = belay.library.list().find((entry) => entry.name === ref.name)?.inputs;
    return startingWith(value, Object.hasOwn(spec ?? {}, name) ? valuesOf(spec?.[name]) : []);
  }
  if (ref.uri.startsWith('belay://workflows/'))
    return startingWith(value, name === 'name' ? belay.library.list().map((entry) => entry.name) : []);
  if (name === 'run_id') return belay.journal.runIds(value, RUN_IDS_MAX);
  const run = loadRun(belay.journal, context?.arguments?.run_id ?? '');
  if (!run.ok) return [];
  if (name === 'step') return startingWith(value, [...run.value.byKey.keys()]);
  if (name === 'checkpoint') return startingWith(value, [...run.value.checkpoints.keys()]);
  return startingWith(value, name === 'name' ? [...run.value.artifacts.keys()] : []);
}

function valuesOf(spec: InputSpec | undefined): readonly string[] {
  if (spec?.type === 'boolean') return ['true', 'false'];
  return (spec?.enum ?? []).map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
}

const startingWith = (value: string, all: readonly string[]): readonly string[] =>
  all.filter((each) => each.toLowerCase().startsWith(value.toLowerCase()));
