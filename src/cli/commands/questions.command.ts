/** `belay questions code`: what a person types into a question page of `belay serve`, where there are no keys. */
import { homeFolder } from '../../tools/home-folder.ts';
import { thrownProblem } from '../../tools/storage-problem.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { Refusal } from '../refusal.ts';

export const questionsCommand: AddCommand = (program, perform) => {
  program
    .command('questions')
    .summary('answer in a browser')
    .description('For the pages of `belay serve` on which people answer questions.')
    .command('code')
    .summary('the code that a question page asks for')
    .description(
      'Show the code that a question page asks for where there are no keys. It proves that you sit at this machine:\n' +
        'type it into the page yourself, and give it to nobody. It changes every five minutes.',
    )
    .action(() => perform(code));
};

async function code(cli: Cli): Promise<number> {
  if (!cli.terminal.human) throw new Refusal(needsTerminal);
  const { personCode } = await import('../../http/questions/person-code.ts');
  try {
    const shown = personCode(homeFolder(cli.options.home), Date.now());
    cli.print({ code: shown }, shown);
  } catch (error) {
    const problem = thrownProblem(error);
    throw problem ? new Refusal(problem) : error;
  }
  return EXIT.done;
}

const needsTerminal = {
  code: 'human_required',
  message: 'the code is for a person, and there is no terminal here',
  hint: 'run `belay questions code` on a terminal',
};
