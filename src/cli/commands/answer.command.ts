/**
 * `belay answer`: answers an open question of a run. Without an answer on the command line the person is asked field
 * by field. Who may answer is the tool's law: a question for a person needs a terminal as stdin.
 */
import { isFinal } from '../../engine/core/events.ts';
import type { Json } from '../../engine/core/model.ts';
import type { RunView } from '../../tools/run-view-schema.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { askForm, askValue, fieldsOf, fieldValue } from '../form.ts';
import { Refusal, usage } from '../refusal.ts';
import { wholeRunId } from '../run-id.ts';
import { outcomeText } from '../run-text.ts';
import { typedAnswer } from '../typed-answer.ts';

type Question = RunView['questions'][number];

export const answerCommand: AddCommand = (program, perform) => {
  program
    .command('answer')
    .summary('answer a question of a run')
    .description(
      'Answer an open question. `yes` or `no` answers an approval, `name=value` a field of a form;\n' +
        'without an answer you are asked for each field.',
    )
    .argument('<run>', 'run id, or its beginning')
    .argument('<question>', 'question id')
    .argument('[answer...]', 'a value, or name=value for each field')
    .option('--json-answer <json>', 'the answer as JSON')
    .action(
      (
        typed: string,
        question: string,
        words: readonly string[],
        options: { readonly jsonAnswer?: string },
      ) => perform((cli) => answer(cli, typed, question, words, options.jsonAnswer)),
    );
};

async function answer(
  cli: Cli,
  typed: string,
  questionId: string,
  words: readonly string[],
  json: string | undefined,
): Promise<number> {
  if (json !== undefined && words.length > 0)
    throw usage('the answer is given twice', 'leave out one of the two');
  // drives, so that the answer's consequences can be seen right away
  const runId = wholeRunId(await cli.belay(true), typed);
  const question = await findQuestion(cli, runId, questionId);
  const value = json === undefined ? await answerOf(cli, runId, question, words) : parsed(json);
  if (value === undefined) return EXIT.waiting;
  const given = { run_id: runId, question_id: questionId, answer: value };
  // other questions of the run are for other commands
  const { structured } = await cli.call('workflow_answer', given, { ask: false });
  const view = structured as unknown as RunView;
  // one of several questions: what it set going has perhaps not begun yet
  if (!isFinal(view.status)) cli.needsHost();
  cli.print(view, outcomeText(view, cli.terminal.style('out')));
  return EXIT.done;
}

/** Undefined for one that is not open: the tool tells what became of it. */
async function findQuestion(cli: Cli, runId: string, questionId: string): Promise<Question | undefined> {
  const { structured } = await cli.call('workflow_status', { run_id: runId }, { wait: false });
  return (structured as unknown as RunView).questions.find((each) => each.question_id === questionId);
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
  if (cli.terminal.interactive) return askForm(cli.terminal, question.prompt, question.schema);
  if (question.asked_of === 'human') throw needsTerminal(runId, question);
  const fields = Object.keys(fieldsOf(question.schema)).map((name) => `${name}=…`);
  throw usage('the answer is missing', `give ${fields.join(' ')}, or --json-answer`);
}

/** The answer to a question that takes one value. */
async function wordAnswer(
  cli: Cli,
  { prompt, schema }: Question,
  words: readonly string[],
): Promise<Json | undefined> {
  if (words.length > 0) return fieldValue(schema, words.join(' '));
  if (cli.terminal.interactive) return askValue(cli.terminal, prompt, schema);
  const choices = Array.isArray(schema.enum) ? schema.enum.join(' or ') : 'a value';
  throw usage('the answer is missing', `give ${choices}`);
}

const needsTerminal = (runId: string, { question_id: id, prompt }: Question): Refusal =>
  new Refusal({
    code: 'human_required',
    message: `question \`${id}\` is for a person, and there is no terminal here: ${prompt}`,
    hint: `run \`belay answer ${runId} ${id}\` on a terminal`,
  });

function parsed(json: string): Json {
  try {
    return JSON.parse(json) as Json;
  } catch (error) {
    throw usage(`--json-answer is not JSON: ${(error as Error).message}`);
  }
}
