/** `belay step-types`: which step types there are, and which modules with more of them may be loaded. */
import type { ForeignModule } from '../../tools/foreign-steps.ts';
import { homeFolder } from '../../tools/home-folder.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { Refusal } from '../refusal.ts';
import { printable } from '../style.ts';
import { tableLines } from '../table.ts';

export const stepTypesCommand: AddCommand = (program, perform) => {
  const command = program
    .command('step-types')
    .summary('list step types, allow more')
    .description(
      'List the step types that definitions may use, with those of modules that were allowed here.',
    )
    .action(() => perform(list));
  command
    .command('allow')
    .summary('allow a module with step types')
    .description(
      'Load the step types of a module from now on. It runs with all rights of Belay: read it first.',
    )
    .argument('<module>', 'path of a file, or name of a package in the data folder')
    .action((from: string) => perform((cli) => allow(cli, from)));
  command
    .command('forbid')
    .summary('load a module no more')
    .description('Load the step types of a module no more.')
    .argument('<module>', 'as `belay step-types` shows it')
    .action((from: string) => perform((cli) => forbid(cli, from)));
};

async function list(cli: Cli): Promise<number> {
  const { types, modules, problem } = (await cli.belay()).catalogue;
  const own = types.map(({ type, summary, effects }) => ({
    type,
    summary,
    effects,
    from: originOf(type, modules),
  }));
  const rows = own.map(({ type, effects, summary, from }) => [type, effects, from ?? 'Belay', summary]);
  const wrong = modules.flatMap((each) => (each.problem === undefined ? [] : [each.problem]));
  const problems = [...(problem === undefined ? [] : [problem]), ...wrong];
  const text = [
    ...tableLines(['TYPE', 'CHANGES', 'FROM', 'WHAT IT DOES'], rows, cli.terminal.columns()),
    ...problems.map((each) => `not loaded: ${each}`),
  ];
  cli.print({ step_types: own, modules, problems }, printable(text.join('\n')));
  return problems.length > 0 ? EXIT.failed : EXIT.done;
}

const originOf = (type: string, modules: readonly ForeignModule[]): string | undefined =>
  modules.find(({ types }) => types.includes(type))?.from;

async function allow(cli: Cli, given: string): Promise<number> {
  const [{ foreignFile, loadModule }, { changeSettings }, { stepTypes }, { resolve }] = await Promise.all([
    import('../../tools/foreign-steps.ts'),
    import('../../tools/settings.ts'),
    import('../../steps/catalogue.ts'),
    import('node:path'),
  ]);
  const home = homeFolder(cli.options.home);
  const from = given.includes('/') || given.startsWith('.') ? resolve(cli.world.cwd, given) : given;
  const found = foreignFile(home, from);
  if (!found.ok) throw refusal(found.error, 'nothing was allowed; then call again');
  const { sha256 } = found.value;
  const loaded = await loadModule(home, from, sha256, stepTypes);
  if (!loaded.ok)
    throw refusal(loaded.error, `nothing was allowed; mend it, then \`belay step-types allow ${given}\``);
  const changed = changeSettings(home, (settings) => ({
    ...settings,
    step_types: [...(settings.step_types ?? []).filter((each) => each.from !== from), { from, sha256 }],
  }));
  if (!changed.ok) throw refusal(changed.error);
  const names = loaded.value.map(({ type }) => type);
  cli.print({ from, sha256, types: names }, `allowed ${from}: ${names.join(', ')}`);
  return EXIT.done;
}

async function forbid(cli: Cli, from: string): Promise<number> {
  const { changeSettings } = await import('../../tools/settings.ts');
  let wasThere = false;
  const changed = changeSettings(homeFolder(cli.options.home), ({ step_types = [], ...settings }) => {
    const kept = step_types.filter((each) => each.from !== from);
    wasThere = kept.length < step_types.length;
    return { ...settings, step_types: kept };
  });
  if (!changed.ok) throw refusal(changed.error);
  if (!wasThere) throw refusal(`\`${from}\` was not allowed`);
  cli.print({ from }, `${from} is loaded no more; \`belay step-types allow ${from}\` allows it again`);
  return EXIT.done;
}

const refusal = (message: string, hint = '`belay step-types` lists what is allowed'): Refusal =>
  new Refusal({ code: 'step_types', message, hint });
