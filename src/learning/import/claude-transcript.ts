/**
 * A session of the Claude Code command line, as it keeps them (JSON Lines): the shell commands that the model ran, with
 * what it said they are for, where they ran and how they ended. What the person asked for is the goal of the commands
 * after it. Subagents are sessions of their own. Everything else in the file is passed over.
 */
import { type JsonRecord, listOf, recordOf, recordOn, textOf, timeOf } from './json-line.ts';
import type { ImportedCommand } from './reading.ts';
import type { SessionBuilder } from './session-builder.ts';

type Step = { -readonly [Key in keyof ImportedCommand]: ImportedCommand[Key] };

interface Thread {
  goal: string | undefined;
  at: number | undefined;
  project: string | undefined;
  steps: Step[];
}

/** Shorter words, such as `go on`, set no new goal. */
const GOAL_WORDS_MIN = 3;
/** A goal with more commands is handed on in pieces. */
const STEPS_MAX = 2_000;
/** What the program itself writes in the person's name. */
const MACHINE_WORDS =
  /^\s*(?:<(?:command-|local-command|system-reminder|bash-|user-memory)|Caveat:|\[Request interrupted)/;
const REFUSED =
  /doesn't want to (?:proceed|take this action)|tool use was rejected|permission to use Bash|requires approval|was blocked|Claude requested permissions/i;
const EXIT_CODE = /\b(?:exit code|exited with(?: code)?)[: ]+(\d{1,3})\b/i;

export function readClaudeTranscript(lines: Iterable<string>, to: SessionBuilder): void {
  const reader = new TranscriptReader(to);
  for (const line of lines) {
    if (line.trim() === '') continue;
    const record = recordOn(line);
    if (record) reader.read(record);
    else to.skip('broken');
  }
  reader.end();
}

class TranscriptReader {
  readonly #to: SessionBuilder;
  /** The main conversation, and that of subagents. */
  readonly #threads: Record<'main' | 'side', Thread> = { main: emptyThread(), side: emptyThread() };
  /** Commands that have not ended, by the id of their call. */
  readonly #calls = new Map<string, { readonly step: Step; readonly thread: Thread }>();

  constructor(to: SessionBuilder) {
    this.#to = to;
  }

  read(record: JsonRecord): void {
    const name = record.isSidechain === true ? 'side' : 'main';
    const { content } = recordOf(record.message) ?? {};
    const thread = this.#threads[name];
    if (record.type === 'user') {
      for (const block of listOf(content)) this.#result(recordOf(block), record);
      const words = record.isMeta === true ? undefined : saidIn(content);
      if (words !== undefined) this.#goal(name, words, record);
    } else if (record.type === 'assistant') {
      for (const block of listOf(content)) this.#call(thread, recordOf(block), record);
      if (thread.steps.length >= STEPS_MAX) this.#hand(thread);
    }
  }

  end(): void {
    for (const thread of Object.values(this.#threads)) this.#hand(thread);
  }

  #goal(name: 'main' | 'side', words: string, record: JsonRecord): void {
    const thread = this.#threads[name];
    if (thread.goal !== undefined && words.trim().split(/\s+/, GOAL_WORDS_MIN).length < GOAL_WORDS_MIN)
      return;
    this.#hand(thread);
    Object.assign(thread, { ...emptyThread(), goal: words, at: timeOf(record.timestamp) });
  }

  #call(thread: Thread, block: JsonRecord | undefined, record: JsonRecord): void {
    if (block?.type !== 'tool_use' || block.name !== 'Bash') return;
    const input = recordOf(block.input);
    const command = textOf(input?.command);
    if (command === undefined) {
      this.#to.skip('broken');
      return;
    }
    const place = textOf(record.cwd);
    const at = timeOf(record.timestamp);
    const step: Step = { command, at, place, intent: textOf(input?.description) };
    thread.at ??= at;
    thread.project ??= place;
    thread.steps.push(step);
    const id = textOf(block.id);
    if (id !== undefined) this.#calls.set(id, { step, thread });
  }

  #result(block: JsonRecord | undefined, record: JsonRecord): void {
    const id = block?.type === 'tool_result' ? textOf(block.tool_use_id) : undefined;
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (!block || id === undefined || !call) return;
    this.#calls.delete(id);
    const { step, thread } = call;
    const words = wordsOf(block.content) ?? textOf(record.toolUseResult) ?? '';
    if (block.is_error === true && REFUSED.test(words.slice(0, 2_000))) {
      const index = thread.steps.indexOf(step);
      if (index >= 0) thread.steps.splice(index, 1);
      this.#to.skip('not_run');
      return;
    }
    const ended = timeOf(record.timestamp);
    if (ended !== undefined && step.at !== undefined) step.durationMs = Math.max(0, ended - step.at);
    step.exitCode = endingOf(block, words, recordOf(record.toolUseResult));
  }

  #hand(thread: Thread): void {
    const { goal, at, project, steps } = thread;
    thread.steps = [];
    if (steps.length === 0) return;
    this.#to.begin({ goal, at, project });
    for (const step of steps) this.#to.add(step);
  }
}

const emptyThread = (): Thread => ({ goal: undefined, at: undefined, project: undefined, steps: [] });

/** Unknown where the command went on in the background or was stopped. */
function endingOf(block: JsonRecord, words: string, result: JsonRecord | undefined): number | undefined {
  if (result?.interrupted === true || result?.backgroundTaskId !== undefined) return undefined;
  if (block.is_error !== true) return 0;
  return Number(EXIT_CODE.exec(words.slice(0, 2_000))?.[1] ?? 1);
}

/** The words of a content: a text, or the texts among its blocks. */
function wordsOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  const texts = listOf(content)
    .map(recordOf)
    .filter((block) => block?.type === 'text')
    .map((block) => textOf(block?.text) ?? '');
  return texts.length > 0 ? texts.join('\n') : undefined;
}

/** What a person said; undefined where nobody did. */
function saidIn(content: unknown): string | undefined {
  const words = wordsOf(content);
  return words === undefined || words.trim() === '' || MACHINE_WORDS.test(words) ? undefined : words;
}
