/**
 * Every command by name, in the order of the help, each in a file that is loaded only where its name is on the line:
 * a client session starts `belay mcp` and should not pay for the others.
 * A test checks that each `*.command.ts` file is here once.
 */
import type { AddCommand } from '../command.ts';

const loaders: { readonly [name: string]: () => Promise<AddCommand> } = {
  mcp: async () => (await import('./mcp.command.ts')).mcpCommand,
  serve: async () => (await import('./serve.command.ts')).serveCommand,
  run: async () => (await import('./run.command.ts')).runCommand,
  validate: async () => (await import('./validate.command.ts')).validateCommand,
  create: async () => (await import('./create.command.ts')).createCommand,
  list: async () => (await import('./list.command.ts')).listCommand,
  suggest: async () => (await import('./suggest.command.ts')).suggestCommand,
  autocomplete: async () => (await import('./autocomplete.command.ts')).autocompleteCommand,
  learn: async () => (await import('./learn.command.ts')).learnCommand,
  show: async () => (await import('./show.command.ts')).showCommand,
  status: async () => (await import('./status.command.ts')).statusCommand,
  logs: async () => (await import('./logs.command.ts')).logsCommand,
  answer: async () => (await import('./answer.command.ts')).answerCommand,
  questions: async () => (await import('./questions.command.ts')).questionsCommand,
  cancel: async () => (await import('./cancel.command.ts')).cancelCommand,
  resume: async () => (await import('./resume.command.ts')).resumeCommand,
  rerun: async () => (await import('./rerun.command.ts')).rerunCommand,
  rollback: async () => (await import('./rollback.command.ts')).rollbackCommand,
  checkpoints: async () => (await import('./checkpoints.command.ts')).checkpointsCommand,
  artifacts: async () => (await import('./artifacts.command.ts')).artifactsCommand,
  report: async () => (await import('./report.command.ts')).reportCommand,
  history: async () => (await import('./history.command.ts')).historyCommand,
  analytics: async () => (await import('./analytics.command.ts')).analyticsCommand,
  doctor: async () => (await import('./doctor.command.ts')).doctorCommand,
  cache: async () => (await import('./cache.command.ts')).cacheCommand,
  gc: async () => (await import('./gc.command.ts')).gcCommand,
  keys: async () => (await import('./keys.command.ts')).keysCommand,
  webhooks: async () => (await import('./webhooks.command.ts')).webhooksCommand,
  'step-types': async () => (await import('./step-types.command.ts')).stepTypesCommand,
  schema: async () => (await import('./schema.command.ts')).schemaCommand,
  completion: async () => (await import('./completion.command.ts')).completionCommand,
  host: async () => (await import('./host.command.ts')).hostCommand,
  __complete: async () => (await import('./complete.command.ts')).completeCommand,
};

/** Needs the whole tree. */
const COMPLETION = 'completion';

/**
 * The commands that the words of the line may mean (a word may also be an option's value); all of them where none is
 * named, for the help and for suggestions.
 */
export function commandsFor(argv: readonly string[]): Promise<readonly AddCommand[]> {
  const named = Object.keys(loaders).filter((name) => argv.includes(name));
  const names = named.length === 0 || named.includes(COMPLETION) ? Object.keys(loaders) : named;
  return Promise.all(names.map((name) => loaders[name]!()));
}
