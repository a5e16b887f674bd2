import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readPage } from '../../../bench/tldr-page.ts';
import { CommandPrior } from '../../../src/learning/prior/command-prior.ts';
import { bundledPrior } from '../../../src/tools/prior/bundled-prior.ts';
import { coldCommands } from '../../../src/tools/prior/cold-commands.ts';

const FILE = new URL('../../../templates/learning/prior.json.gz', import.meta.url);

describe('the bundled examples', () => {
  test('are a small file', () => {
    expect(statSync(FILE).size).toBeLessThan(300_000);
  });

  test.each([
    ['list listening ports', /^(?:ss|netstat|lsof) /],
    ['build a docker image', /^docker build /],
    ['count lines in a file', /^wc --lines /],
    ['create an ssh key', /^ssh-keygen/],
  ])('%s', (goal, command) => {
    const found = bundledPrior().commandsFor(goal, 3);
    expect(found.map((each) => each.command)).toContainEqual(expect.stringMatching(command));
    for (const { confidence } of found) expect(confidence).toBeLessThanOrEqual(0.3);
  });

  test('say where they come from', () => {
    const log = { followers: () => ({ total: 0, byStub: new Map() }) };
    const [first] = coldCommands(log, { home: '/nowhere', intent: 'list listening ports', limit: 3 });
    expect(first?.reasons).toEqual([
      expect.stringMatching(/^List .*: an example of tldr-pages \(CC-BY-4\.0\)$/),
    ]);
  });

  test('nothing for words that mean nothing to them', () => {
    expect(bundledPrior().commandsFor('frobnicate the quuxinator', 5)).toEqual([]);
    expect(bundledPrior().commandsFor('', 5)).toEqual([]);
  });
});

describe('pages', () => {
  const page = [
    '# frob',
    '',
    '> Frobs things.',
    '> More information: <https://example.com>.',
    '',
    '- List [a]ll things that are `frobbed`:',
    '',
    '`frob {{[-a|--all]}} {{path/to/thing|other}}`',
    '',
    '- Remove all things:',
    '',
    '`frob {{[-r|--remove]}}`',
  ].join('\n');

  test('become examples', () => {
    expect(readPage(page)).toEqual([
      {
        page: 'frob',
        summary: 'Frobs things.',
        goal: 'List all things that are frobbed',
        command: 'frob --all {{path/to/thing|other}}',
      },
      { page: 'frob', summary: 'Frobs things.', goal: 'Remove all things', command: 'frob --remove' },
    ]);
  });

  test('what takes away is offered to nobody who has not asked for it', () => {
    const rows = readPage(page).map(({ goal, command }) => [goal, command] as const);
    const prior = new CommandPrior([['frob', 'Frobs things.', rows]]);
    expect(prior.commandsFor('show all things', 5).map(({ command }) => command)).toEqual([
      'frob --all <path/to/thing>',
    ]);
    expect(prior.commandsFor('delete all things', 5).map(({ command }) => command)).toContain(
      'frob --remove',
    );
  });
});
