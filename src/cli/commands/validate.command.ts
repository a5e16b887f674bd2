/** `belay validate`: checks definitions and runs nothing. Any error makes the exit code 2. */

import type { Diagnostic } from '../../definition/diagnostic.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { diagnosticText } from '../diagnostic-text.ts';
import { EXIT } from '../exit-code.ts';
import type { Style } from '../style.ts';
import { targetArguments, targetName, type WorkflowTarget, workflowTarget } from '../workflow-target.ts';

interface Validation {
  readonly valid: boolean;
  readonly level: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly checks: readonly {
    readonly name: string;
    readonly status: string;
    readonly detail: string;
  }[];
}

export const validateCommand: AddCommand = (program, perform) => {
  program
    .command('validate')
    .summary('check workflows')
    .description('Check workflows by name or from files; with several, --json gives a list.')
    .argument('<workflow...>', 'names of workflows, or paths of definitions')
    .option('--level <level>', 'basic or standard')
    .action((words: readonly string[], options: { readonly level?: string }) =>
      perform((cli) => validate(cli, words, options.level)),
    );
};

async function validate(cli: Cli, words: readonly string[], level: string | undefined): Promise<number> {
  const targets = words.map((word) => workflowTarget(word, cli.world.cwd));
  const answers: Validation[] = [];
  for (const target of targets) {
    const given = { ...targetArguments(target), ...(level !== undefined && { level }) };
    const { structured } = await cli.call('workflow_validate', given, { subject: targetName(target) });
    answers.push(structured as unknown as Validation);
  }
  const [only] = answers;
  const style = cli.terminal.style('out');
  const texts = answers.map((answer, index) => validationText(answer, targets[index]!, style));
  const named = answers.map((answer, index) => ({ target: targetName(targets[index]!), ...answer }));
  cli.print(answers.length === 1 && only ? only : named, texts.join('\n'));
  return answers.every((answer) => answer.valid) ? EXIT.done : EXIT.usage;
}

function validationText(answer: Validation, target: WorkflowTarget, style: Style): string {
  const name = targetName(target);
  const lines = answer.diagnostics.map((diagnostic) => diagnosticText(diagnostic, name, style));
  for (const { name: check, status, detail } of answer.checks) {
    // failed ones without a diagnostic of their own: prerequisites
    if (check !== 'definition' && status !== 'passed' && status !== 'skipped')
      lines.push(
        `${name}: ${status === 'failed' ? style.red('error') : style.yellow('warning')} ${check}: ${detail}`,
      );
  }
  const verdict = answer.valid ? style.green('valid') : style.red('invalid');
  return [...lines, `${name}: ${verdict} (level ${answer.level})`].join('\n');
}
