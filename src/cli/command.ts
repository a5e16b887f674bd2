/** What a command file exports: a function that adds its syntax to the program and says what it does. */
import type { Command } from 'commander';
import type { Cli } from './cli.ts';

/** Runs a command's act with its `Cli`; what it resolves to is the exit code. */
export type Perform = (act: (cli: Cli) => Promise<number>) => Promise<void>;

export type AddCommand = (program: Command, perform: Perform) => void;
