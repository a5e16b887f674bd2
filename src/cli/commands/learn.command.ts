/** `belay learn`: what was learned, more of it from histories and packs, and less of it. */
import { InvalidArgumentError } from 'commander';
import type { AddCommand } from '../command.ts';
import type { LearnOptions } from '../perform-learn.ts';

export const learnCommand: AddCommand = (program, perform) => {
  program
    .command('learn')
    .summary('show what was learned, import histories, forget')
    .description(
      'Show what Belay has learned from; learn from histories: shells (bash, zsh, fish), Atuin, Claude Code transcripts,\n' +
        'GitHub Actions, package.json, JSON Lines. Secrets are taken out before anything is kept.',
    )
    .option('--from <path...>', 'learn from these files and folders; once more changes nothing')
    .option('--forget <what>', 'a text in commands (* is any text), a run, an import, or ALL')
    .option('--export <file>', 'write a pack: how often which kind of command follows which, without values')
    .option('--import <file...>', 'take in packs of others')
    .option('--weight <share>', 'how far these packs are trusted, 1 unless said', share)
    .option('-y, --yes', 'do not ask before forgetting')
    .action((options: LearnOptions) =>
      perform(async (cli) => {
        const { performLearn } = await import('../perform-learn.ts');
        return performLearn(cli, options);
      }),
    );
};

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}
