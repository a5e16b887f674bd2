/**
 * What a saga is: a run whose steps leave real effects on files and outside of them, the people around it, and how
 * everything must look at its end. The places: `tree` (the run's directory), and beside it `outside` (the world that
 * only undos bring back), `signals` (from people to steps), `before` (a copy of the tree) and `log` (who did what).
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event, EventOf } from '../../src/engine/core/events.ts';
import { isFinal } from '../../src/engine/core/events.ts';
import type { RunState } from '../../src/engine/core/state.ts';

/** Paths to their text; a folder is `/`, a link `-> target`; undefined where nothing is. */
export type Texts = { readonly [path: string]: string | undefined };

/** What people outside want of a run that looks like this; undefined when they are content. */
export type People = (run: RunState, place: Place) => Event | undefined;

export interface Saga {
  readonly definition: object;
  readonly inputs?: { readonly [name: string]: string };
  readonly people?: People;
  readonly status: 'rolled_back' | 'stuck' | 'paused' | 'succeeded';
  /** `before`: as it was in every byte, mode and time. */
  readonly tree: 'before' | Texts;
  /** `before` leaves out when folders were modified: an undo has worked in them. */
  readonly anyFolderTimes?: true;
  /** Names of what is left of the effects outside, or their texts. */
  readonly outside: Texts;
  /** Steps whose undo failed. */
  readonly undoFailed?: readonly string[];
  /** Steps that were performed and stay: nothing takes them back, or nobody wanted to. */
  readonly stays?: readonly string[];
  /** Each step with what was built upon it, by the names in the log. */
  readonly order: readonly (readonly [step: string, later: string])[];
}

/** The folders around one run. */
export class Place {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  at(name: 'tree' | 'outside' | 'signals' | 'before' | 'log'): string {
    return join(this.folder, name);
  }

  /** Tells the steps something; once told it stays so. */
  signal(name: string): void {
    writeFileSync(join(this.at('signals'), name), '');
  }

  has(signal: string): boolean {
    return existsSync(join(this.at('signals'), signal));
  }
}

/** A step that writes down that it began, and then acts. `name` is what the log calls it. */
export const act = (id: string, command: string, more: object = {}, name = id): object => ({
  id,
  command: `echo "do ${name}" >> ../log\n${command}`,
  ...more,
});

/** An undo that writes down its beginning and its end. */
export const undo = (name: string, command: string, more: object = {}): object => ({
  command: `echo "undo ${name}" >> ../log\n${command}\necho "undid ${name}" >> ../log`,
  ...more,
});

/** A step with an effect outside that its undo takes away. */
export const outside = (id: string, more: object = {}): object =>
  act(id, `touch ../outside/${id}`, { undo: undo(id, `rm -f ../outside/${id}`), ...more });

/** Waits for a signal; gives up after five minutes, so that a test that fails leaves nothing behind for ever. */
export const waitFor = (signal: string): string =>
  `n=0; until [ -e ../signals/${signal} ]; do sleep 0.02; n=$((n + 1)); [ $n -lt 15000 ]; done`;

/** Fails until people have given the signal. */
export const needs = (signal: string): string => `[ -e ../signals/${signal} ] || exit 3`;

export const rollback = (
  strategy: EventOf<'unwind.requested'>['strategy'],
  more: Partial<EventOf<'unwind.requested'>> = {},
): Event => ({ type: 'unwind.requested', strategy, by: 'ann', ...more });

/** Everybody asks for a rollback as soon as the run has ended in another way. */
export const rollbackAtEnd =
  (strategy: 'immediate' | 'graceful'): People =>
  (run) =>
    isFinal(run.status) && run.status !== 'rolled_back' ? rollback(strategy) : undefined;

/** Each earlier name with each later one. */
export const inOrder = (...names: readonly string[]): readonly (readonly [string, string])[] =>
  names.flatMap((name, at) => names.slice(at + 1).map((later) => [name, later] as const));

export function textsOf(folder: string, below = ''): Texts {
  const texts: { [path: string]: string } = {};
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isSymbolicLink()) texts[path] = `-> ${readlinkSync(join(folder, path))}`;
    else if (entry.isDirectory()) Object.assign(texts, { [path]: '/' }, textsOf(folder, path));
    else texts[path] = readFileSync(join(folder, path), 'utf8');
  }
  return texts;
}
