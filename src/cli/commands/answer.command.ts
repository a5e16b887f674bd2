/**
 * `belay answer`: somebody's word to a run. Without an answer on the command line the person is asked field by field.
 * Also claims a question for agents, and sends a signal. Who may answer is the tool's law: a question for a person needs
 * a terminal as stdin.
 */
import { isFinal } from '../../engine/core/events.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { questionText } from '../../tools/question-text.ts';
import type { RunView } from '../../tools/run-view-schema.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { askForm, askValue, fieldsOf, fieldValue } from '../form.ts';
import { gather } from '../input-flags.ts';
import { approvalLines, claimText, questionLines } from '../question-lines.ts';
import { Refusal, usage } from '../refusal.ts';
import { wholeRunId } from '../run-id.ts';
import { outcomeText } from '../run-text.ts';
import { typedAnswer } from '../typed-answer.ts';

type Question = RunView['questions'][number];

interface Options {
  readonly jsonAnswer?: string;
  readonly claim?: boolean;
  readonly renew?: boolean;
  readonly release?: boolean;
  readonly lease?: string;
  readonly capability?: readonly string[];
  readonly signal?: string;
  readonly payload?: string;
}

export const answerCommand: AddCommand = (program, perform) => {
  program
    .command('answer')
    .summary('answer a question of a run, or send it a signal')
    .description(
      'Answer an open question. `yes` or `no` answers an approval, `name=value` a field of a form;\n' +
        'without an answer you are asked for each field. With --signal, tell a waiting step that something has happened.',
    )
    .argument('<run>', 'run id, or its beginning')
    .argument('[question]', 'question id')
    .argument('[answer...]', 'a value, or name=value for each field')
    .option('--json-answer <json>', 'the answer as JSON')
    .option('--claim', 'take a question for agents, so that nobody else answers it meanwhile')
    .option('--renew', 'prolong your claim')
    .option('--release', 'give the question back to the others')
    .option('--capability <name>', 'with --claim: what you can do; repeatable', gather)
    .option('--lease <seconds>', 'how long the claim holds')
    .option('--signal <name>', 'send a signal instead of an answer')
    .option('--payload <json>', 'what goes along with the signal')
    .action((typed: string, question: string | undefined, words: readonly string[], options: Options) =>
      perform((cli) => answer(cli, typed, question, words, options)),
    );
};

async function answer(
  cli: Cli,
  typed: string,
  question: string | undefined,
  words: readonly string[],
  options: Options,
): Promise<number> {
  const isAnswer = checkUse(question, words, options);
  // drives, so that the answer's consequences can be seen right away
  const run_id = wholeRunId(await cli.belay(true), typed);
  const given = isAnswer
    ? await answerArguments(cli, run_id, question ?? '', words, options.jsonAnswer)
    : otherArguments(question, options);
  if (given === undefined) return EXIT.waiting;
  // other questions of the run are for other commands
  const { structured } = await cli.call('workflow_answer', { run_id, ...given }, { ask: false });
  const view = structured as unknown as RunView;
  // one of several questions: what it set going has perhaps not begun yet
  if (!isFinal(view.status)) cli.needsHost();
  const text = [...claimLines(view, question, options), outcomeText(view, cli.terminal.style('out'))];
  cli.print(view, text.join('\n'));
  return EXIT.done;
}

/** True for an answer; throws where the words and options do not go together. */
function checkUse(question: string | undefined, words: readonly string[], options: Options): boolean {
  const { jsonAnswer, claim, renew, release, signal } = options;
  if (jsonAnswer !== undefined && words.length > 0)
    throw usage('the answer is given twice', 'leave out one of the two');
  const isOther = claim || renew || release || signal !== undefined;
  if (isOther && (jsonAnswer !== undefined || words.length > 0))
    throw usage('there is an answer beside an option that needs none', 'leave out one of the two');
  if (question === undefined && signal === undefined)
    throw usage('the question id is missing', '`belay status <run>` lists the open questions');
  if (isOther) return false;
  for (const [name, value] of [
    ['--lease', options.lease],
    ['--capability', options.capability],
    ['--payload', options.payload],
  ] as const)
    if (value !== undefined) throw usage(`${name} stands alone`, 'it goes with --claim, --renew or --signal');
  return true;
}

/** A claim or a signal. */
function otherArguments(question: string | undefined, options: Options): JsonObject {
  const { claim, renew, release, lease, capability, signal, payload } = options;
  return {
    ...(question !== undefined && { question_id: question }),
    ...(claim && { claim }),
    ...(renew && { renew }),
    ...(release && { release }),
    ...(capability && { capabilities: [...capability] }),
    ...(lease !== undefined && { lease_seconds: Number.isNaN(Number(lease)) ? lease : Number(lease) }),
    ...(signal !== undefined && { signal }),
    ...(payload !== undefined && { payload: parsed('--payload', payload) }),
  };
}

/** What became of the claim: who holds the question now, and until when. */
function claimLines(
  { questions }: RunView,
  id: string | undefined,
  { claim, renew, release }: Options,
): readonly string[] {
  if (!(claim || renew || release)) return [];
  const question = questions.find((each) => each.question_id === id && each.run_id === undefined);
  if (question === undefined) return [];
  return [`question ${id}: ${claimText(question) ?? 'free again, nobody has claimed it'}`];
}

/** Undefined when the person leaves the form. */
async function answerArguments(
  cli: Cli,
  runId: string,
  question_id: string,
  words: readonly string[],
  json: string | undefined,
): Promise<JsonObject | undefined> {
  const question = await findQuestion(cli, runId, question_id);
  const value =
    json === undefined ? await answerOf(cli, runId, question, words) : parsed('--json-answer', json);
  if (value === undefined) return undefined;
  const wasAsked = json === undefined && words.length === 0;
  // an answer without a prompt: the person sees at least what they have said yes to
  if (question?.asked_of === 'human' && cli.terminal.human && !wasAsked)
    cli.note(questionLines(question, cli.terminal.style('err')).join('\n'));
  const { digest } = question ?? {};
  return { question_id, answer: value, ...(digest !== undefined && { digest }) };
}

/** Undefined for one that is not open: the tool tells what became of it. */
async function findQuestion(cli: Cli, runId: string, questionId: string): Promise<Question | undefined> {
  const { structured } = await cli.call('workflow_status', { run_id: runId }, { wait: false });
  return (structured as unknown as RunView).questions.find(
    // that of a run inside is answered there: the tool names it
    (each) => each.question_id === questionId && each.run_id === undefined,
  );
}

/** Undefined when the person leaves the form. */
async function answerOf(
  cli: Cli,
  runId: string,
  question: Question | undefined,
  words: readonly string[],
): Promise<Json | undefined> {
  if (question === undefined) return words.join(' ');
  if (question.schema.properties === undefined) return wordAnswer(cli, question, words);
  if (words.length > 0) return typedAnswer(question.schema, words);
  if (cli.terminal.interactive) return askForm(cli.terminal, textOf(question), question.schema);
  if (question.asked_of === 'human') throw needsTerminal(runId, question);
  const fields = Object.keys(fieldsOf(question.schema)).map((name) => `${name}=…`);
  throw usage('the answer is missing', `give ${fields.join(' ')}, or --json-answer`);
}

const textOf = (question: Question): string =>
  [questionText(question, '`belay status --json` shows the whole'), ...approvalLines(question)].join('\n');

/** The answer to a question that takes one value. */
async function wordAnswer(cli: Cli, question: Question, words: readonly string[]): Promise<Json | undefined> {
  const { schema } = question;
  if (words.length > 0) return fieldValue(schema, words.join(' '));
  if (cli.terminal.interactive) return askValue(cli.terminal, textOf(question), schema);
  const choices = Array.isArray(schema.enum) ? schema.enum.join(' or ') : 'a value';
  throw usage('the answer is missing', `give ${choices}`);
}

const needsTerminal = (runId: string, { question_id: id, prompt }: Question): Refusal =>
  new Refusal({
    code: 'human_required',
    message: `question \`${id}\` is for a person, and there is no terminal here: ${prompt}`,
    hint: `run \`belay answer ${runId} ${id}\` on a terminal`,
  });

function parsed(option: string, json: string): Json {
  try {
    return JSON.parse(json) as Json;
  } catch (error) {
    throw usage(`${option} is not JSON: ${(error as Error).message}`);
  }
}
