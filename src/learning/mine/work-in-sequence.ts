/**
 * What of a mined sequence is work that a workflow could do. People look around between their steps; a workflow need not.
 * A step that only changes the shell it runs in would be lost on the next one, so a sequence with such a step is none.
 */
const LOOKS = new Set(
  'ls ll la pwd cat head tail less more find grep rg tree wc file stat which whoami id date history man clear exit echo vim vi nano code du df ps top help type uname hostname arch tty env printenv uptime free w'.split(
    ' ',
  ),
);
const LOOKS_LONG = new Set([
  'sed -n',
  'git status',
  'git diff',
  'git log',
  'git show',
  'git branch',
  'docker ps',
  'kubectl get',
]);
const CHANGES_SHELL = new Set('cd pushd popd export source . set unset = alias ∅'.split(' '));

const STEPS_MIN = 2;

/** What it does is gone with its shell. */
export const changesShell = (stub: string): boolean => CHANGES_SHELL.has(stub);
export const isWork = (stub: string): boolean => !LOOKS.has(stub) && !LOOKS_LONG.has(stub);

/** The steps that do something, each once; undefined where they make no workflow. */
export function workIn(steps: readonly string[]): readonly string[] | undefined {
  if (steps.some((step) => changesShell(step) || step === '')) return undefined;
  const work = steps.filter(isWork);
  // what comes round again within a sequence is a habit of trying, not a way to a goal
  const comesRound = work.length > STEPS_MIN && new Set(work).size <= work.length / 2 + 0.5;
  return new Set(work).size >= STEPS_MIN && !comesRound ? work : undefined;
}
