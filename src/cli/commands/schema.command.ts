/**
 * `belay schema`: the JSON Schema of a definition, for editors, or of a run's report. It is the same document with and
 * without `--json`.
 */
import { Argument } from 'commander';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';

export const schemaCommand: AddCommand = (program, perform) => {
  program
    .command('schema')
    .summary('print the JSON Schema of a workflow')
    .description(
      'Print the JSON Schema of a workflow definition, for editors, or that of the report of a run.',
    )
    .addArgument(new Argument('[of]', 'workflow unless said').choices(['workflow', 'report']))
    .action((of: string | undefined) =>
      perform(async (cli) => {
        if (of === 'report') {
          const { reportJsonSchema } = await import('../../tools/report-schema.ts');
          cli.terminal.out(`${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
          return EXIT.done;
        }
        const [{ definitionJsonSchema }, { stepTypes }] = await Promise.all([
          import('../../definition/json-schema.ts'),
          import('../../steps/catalogue.ts'),
        ]);
        cli.terminal.out(`${JSON.stringify(definitionJsonSchema(stepTypes), null, 2)}\n`);
        return EXIT.done;
      }),
    );
};
