/** `belay schema`: the JSON Schema of a definition, for editors. It is the same document with and without `--json`. */
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';

export const schemaCommand: AddCommand = (program, perform) => {
  program
    .command('schema')
    .summary('print the JSON Schema of a workflow')
    .description('Print the JSON Schema of a workflow definition, for editors.')
    .action(() =>
      perform(async (cli) => {
        const [{ definitionJsonSchema }, { stepTypes }] = await Promise.all([
          import('../../definition/json-schema.ts'),
          import('../../steps/catalogue.ts'),
        ]);
        cli.terminal.out(`${JSON.stringify(definitionJsonSchema(stepTypes), null, 2)}\n`);
        return EXIT.done;
      }),
    );
};
