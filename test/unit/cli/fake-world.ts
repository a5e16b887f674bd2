/** A world for commands without a process around it: a terminal on strings, tools and a Belay of the test's choice. */

import { plain } from '../../../src/cli/style.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import type { World } from '../../../src/cli/world.ts';
import { err, ok } from '../../../src/engine/core/failure.ts';
import type { StoreProblem } from '../../../src/store/problem.ts';
import type { Belay, BelayOptions } from '../../../src/tools/belay.ts';
import type { Tool } from '../../../src/tools/tool.ts';

export interface FakeTerminal extends Terminal {
  readonly written: { out: string; err: string };
  interrupt(): void;
}

interface TerminalOptions {
  /** What the person types, line by line; then they end the input. Absent: nobody is there. */
  readonly lines?: readonly string[];
  readonly live?: boolean;
}

export function fakeTerminal({ lines, live = false }: TerminalOptions = {}): FakeTerminal {
  const written = { out: '', err: '' };
  const left = [...(lines ?? [])];
  const listeners = new Set<() => void>();
  const write = (stream: 'out' | 'err') => (text: string) => {
    written[stream] += text;
  };
  return {
    written,
    out: write('out'),
    err: write('err'),
    interactive: lines !== undefined,
    human: lines !== undefined,
    isLive: () => live,
    columns: () => 80,
    style: () => plain,
    ask: async (prompt) => {
      written.err += prompt;
      return left.shift();
    },
    onInterrupt: (call) => {
      listeners.add(call);
      return () => listeners.delete(call);
    },
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    gone: new AbortController().signal,
  };
}

export interface FakeWorld extends World {
  readonly terminal: FakeTerminal;
  readonly opened: BelayOptions[];
  readonly closed: string[];
  /** Homes for which a background host was asked. */
  readonly hosts: string[];
}

interface WorldOptions extends TerminalOptions {
  readonly tools?: readonly Tool[];
  readonly belay?: Partial<Omit<Belay, 'host'>> & { readonly host?: { readonly active: number } };
  readonly problem?: StoreProblem;
  readonly cwd?: string;
}

export function fakeWorld(options: WorldOptions = {}): FakeWorld {
  const { tools = [], belay = {}, problem, cwd = '/project' } = options;
  const opened: BelayOptions[] = [];
  const closed: string[] = [];
  const hosts: string[] = [];
  const home = '/home/belay';
  const journal = { run: () => undefined, runIds: () => [], read: () => ok([]) };
  const retentionDue = () => false;
  return {
    terminal: fakeTerminal(options),
    opened,
    closed,
    hosts,
    cwd,
    caller: 'cli:test',
    tools: async () => tools,
    openBelay: async (wanted) => {
      opened.push(wanted);
      if (problem) return err(problem);
      return ok({
        home,
        journal,
        retentionDue,
        tell: async () => {},
        close: () => closed.push(home),
        ...belay,
      } as unknown as Belay);
    },
    startBackgroundHost: (where) => hosts.push(where),
    onTermination: () => () => {},
  };
}
