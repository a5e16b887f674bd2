/**
 * A script that is one plain command needs no shell of its own: what a shell would do is to become that command.
 * The rule is GNU make's: no word that a shell would read in any special way, and no builtin.
 */
import type { ProcessSpec } from '../engine/core/step-type.ts';

/** Strict forms of shells that read a plain command alike. */
const SHELLS = new Set(['bash -euo pipefail -c', 'sh -eu -c', 'dash -eu -c']);

/** Variables that make such a shell do something before the script. */
const STARTUP = ['BASH_ENV', 'ENV'];

/** Builtins and reserved words of these shells, but for `true` and `false`, which do as the programs do. */
const OWN_WORDS = new Set(
  [
    'alias bg bind break builtin caller case cd command compgen complete compopt continue coproc declare dirs disown',
    'do done echo elif else enable esac eval exec exit export fc fg fi for function getopts hash help history if in',
    'jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return select set shift shopt',
    'source suspend test then time times trap type typeset ulimit umask unalias unset until wait while',
  ].flatMap((line) => line.split(' ')),
);

const PLAIN = /^[A-Za-z0-9][\w.+-]*(?: [\w./@%+:,=-]+)*$/;

/** The command's words, ready to be written into a shell text; undefined where the script needs its shell. */
export function plainCommand({
  shell,
  script,
  env,
}: Pick<ProcessSpec, 'shell' | 'script' | 'env'>): readonly string[] | undefined {
  const text = script.trim();
  if (!PLAIN.test(text) || !SHELLS.has(shell.join(' ')) || STARTUP.some((name) => name in env))
    return undefined;
  const words = text.split(' ');
  return OWN_WORDS.has(words[0] ?? '') ? undefined : words;
}
