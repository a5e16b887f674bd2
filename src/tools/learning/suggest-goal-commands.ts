/**
 * What was done before for the same goal without a workflow: the command of those runs that comes next, and a workflow
 * made of them. Looked up in the log itself, so that a run counts from the moment that it is in there.
 */
import type { JsonObject } from '../../engine/core/model.ts';
import { intentTerms } from '../../learning/intent/intent-terms.ts';
import type { LearnedStep } from '../../learning/learned-session.ts';
import { alike, defineTimes } from '../../learning/mine/define-pattern.ts';
import { goalName } from '../../learning/mine/goal-name.ts';
import { changesShell } from '../../learning/mine/work-in-sequence.ts';
import { redact } from '../../learning/redact.ts';
import { readCommand } from '../../learning/shell/read-command.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import { withOpenSecrets } from '../create/secret-free.ts';
import { counted, endedWell } from './count-word.ts';
import { openedForm } from './fill-command.ts';
import { type CommandSuggestion, rounded } from './suggest-commands.ts';

export interface GoalSuggestions {
  readonly commands: readonly CommandSuggestion[];
  /** Undefined where a single command was enough, or nothing ended well. */
  readonly workflow?: {
    /** Names it for workflow_create, in every process. */
    readonly pattern: string;
    readonly definition: JsonObject;
    readonly confidence: number;
    readonly reasons: readonly string[];
  };
}

interface DoneSession {
  readonly id: number;
  readonly isRun: boolean;
  readonly goal: string;
  readonly steps: readonly LearnedStep[];
}

interface NearSession extends DoneSession {
  readonly similarity: number;
  /** In other words at most. */
  readonly isSame: boolean;
}

const GOALS_MAX = 2_000;
const NEAR_MAX = 20;
/** Share of the words that both have. */
const SIMILARITY_MIN = 0.65;
/** More than that was a search for a way, not the way. */
const STEPS_MAX = 12;
const COMMAND_CHARS_MAX = 500;
/** What stands against any number of times: next time may be another. */
const OTHER_COMMAND = 1;
const OTHER_WORKFLOW = 2;

/** With the places in the log of the sessions that it is made of, the newest first. */
const GOAL_PATTERN = 'g-';
const GOAL_PATTERN_FORM = /^g-\d{1,15}(?:-\d{1,15})*$/;

const NOTHING: GoalSuggestions = { commands: [] };

export function suggestGoalCommands(
  log: Pick<LearningStore, 'goals' | 'after'>,
  intent: string,
  recent: readonly string[],
): GoalSuggestions {
  const near = nearSessions(log, intent);
  if (near.length === 0) return NOTHING;
  const workflow = workflowOf(near);
  return { commands: commandsOf(near, recent), ...(workflow && { workflow }) };
}

/** The workflow that was shown with that pattern; without what was forgotten since. */
export function goalPattern(
  log: Pick<LearningStore, 'goals' | 'after'>,
  pattern: string,
): JsonObject | undefined {
  const same = sameForm(
    idsOf(pattern)
      .flatMap((id) => doneSession(log, id))
      .filter(endedWhole),
  );
  return same.length > 0 ? definitionOf(same) : undefined;
}

/** Where the sessions that it is made of came from, each once. */
export const goalSources = (log: Pick<LearningStore, 'after'>, pattern: string): readonly string[] => [
  ...new Set(
    idsOf(pattern).flatMap((id) =>
      log
        .after(id - 1, 1)
        .filter((session) => session.id === id)
        .map(({ source }) => source),
    ),
  ),
];

const idsOf = (pattern: string): readonly number[] =>
  GOAL_PATTERN_FORM.test(pattern) ? pattern.slice(GOAL_PATTERN.length).split('-', NEAR_MAX).map(Number) : [];

/** The newest first. */
function nearSessions(log: Pick<LearningStore, 'goals' | 'after'>, intent: string): readonly NearSession[] {
  const asked = [...new Set(intentTerms(intent))];
  if (asked.length === 0) return [];
  const numbers = numbersIn(intent);
  return log
    .goals(GOALS_MAX)
    .map(({ id, goal }) => ({ id, goal, similarity: similarityOf(asked, goal) }))
    .filter(({ similarity }) => similarity >= SIMILARITY_MIN)
    .slice(0, NEAR_MAX)
    .flatMap(({ id, similarity }) =>
      doneSession(log, id).map((session) => {
        const isSame = similarity === 1 && numbersIn(session.goal) === numbers;
        return { ...session, similarity, isSame };
      }),
    );
}

/** None where its commands are not fit to be shown. */
function doneSession(log: Pick<LearningStore, 'after'>, id: number): readonly DoneSession[] {
  const [session] = log.after(id - 1, 1);
  if (session?.id !== id || session.goal === undefined || session.workflow !== undefined) return [];
  const { goal, steps, source } = session;
  const isFit = steps.every(({ command }) => command.length <= COMMAND_CHARS_MAX && !command.includes('\n'));
  const isShort = steps.length > 0 && steps.length <= STEPS_MAX;
  return isFit && isShort ? [{ id, goal, steps, isRun: source.startsWith('run:') }] : [];
}

/** Words leave them out, since they change from time to time; the same goal has the same ones. */
const numbersIn = (text: string): string => (text.match(/\d[\w.]*/g) ?? []).join(' ');

function similarityOf(asked: readonly string[], goal: string): number {
  const own = [...new Set(intentTerms(goal))];
  const common = own.filter((term) => asked.includes(term));
  const longer = own.length > asked.length ? own : asked;
  // to fix the tests is another thing than to run them: what is done comes first, and the rest is in both
  const isWithin = common.length === Math.min(own.length, asked.length) && own.length !== asked.length;
  if (common.length === 0 || (isWithin && !common.includes(longer[0] as string))) return 0;
  return (2 * common.length) / (own.length + asked.length);
}

const sum = (sessions: readonly NearSession[]): number =>
  sessions.reduce((total, { similarity }) => total + similarity, 0);

interface NextCommand {
  readonly command: string;
  readonly sessions: readonly NearSession[];
  readonly begins: boolean;
}

/** What comes after the newest command that such a session has too, or at its beginning. */
function commandsOf(near: readonly NearSession[], recent: readonly string[]): readonly CommandSuggestion[] {
  const before = recent.map((command) => redact(command).text);
  const nexts = near.flatMap((session) => {
    const commands = session.steps.map(({ command }) => command);
    const at = placeAfter(before, commands);
    const command = commands[at];
    return command === undefined ? [] : [{ command, sessions: [session], begins: at === 0 }];
  });
  const total = sum(near) + OTHER_COMMAND;
  return [...Map.groupBy(nexts, ({ command }) => readCommand(command).template).values()]
    .flatMap(ofOneForm)
    .map(({ command, sessions, begins }) => ({
      command: withOpenSecrets(command),
      confidence: rounded(sum(sessions) / total),
      reasons: [`${toldOf(sessions)} ${begins ? 'began' : 'went on'} with it`],
    }));
}

/** Behind the newest of what was run before that is there too, values aside where they are others. */
function placeAfter(before: readonly string[], commands: readonly string[]): number {
  const templates = commands.map((command) => readCommand(command).template);
  for (const command of before.toReversed()) {
    const exact = commands.lastIndexOf(command);
    const at = exact < 0 ? templates.lastIndexOf(readCommand(command).template) : exact;
    if (at >= 0) return at + 1;
  }
  return 0;
}

/** The same commands together; where none of them is usual, the form that they share, the values that changed left open. */
function ofOneForm(nexts: readonly NextCommand[]): readonly NextCommand[] {
  const groups = [...Map.groupBy(nexts, ({ command }) => command).values()];
  const form = openedForm(groups.map(([one]) => (one as NextCommand).command));
  const isUsual = groups.some((group) => 2 * group.length > nexts.length);
  const shown = groups.length > 1 && !isUsual && form !== undefined ? [nexts] : groups;
  return shown.map((group) => {
    const command = group === nexts ? (form as string) : (group[0] as NextCommand).command;
    const sessions = group.flatMap((each) => each.sessions);
    return { command, sessions, begins: group.every(({ begins }) => begins) };
  });
}

/** Of what ended well, in its most frequent form. */
function workflowOf(near: readonly NearSession[]): GoalSuggestions['workflow'] {
  const same = sameForm(near.filter(endedWhole));
  if (same.length === 0) return undefined;
  const isKnown = same.every(({ steps }) => steps.every(({ exitCode }) => exitCode !== undefined));
  const ending = isKnown ? `, ${endedWell(same.length, same.length)}` : '';
  return {
    pattern: `${GOAL_PATTERN}${same.map(({ id }) => id).join('-')}`,
    definition: definitionOf(same),
    confidence: rounded(sum(same) / (sum(near) + OTHER_WORKFLOW)),
    reasons: [`${toldOf(same)} ran these commands${ending}`],
  };
}

/**
 * It ended well, and each of its commands does the same by itself: each step of a run has a shell of its own; what others
 * typed after `cd` or `export` does something else without it.
 */
const endedWhole = ({ isRun, steps }: DoneSession): boolean =>
  steps.length > 1 &&
  steps.every(({ exitCode }) => (exitCode ?? 0) === 0) &&
  (isRun || !steps.some(({ command }) => changesShell(readCommand(command).stub)));

/** Those of the most frequent form; the newest first, as they are given. */
function sameForm<Session extends DoneSession>(sessions: readonly Session[]): readonly Session[] {
  const shown = alike(sessions.map(({ steps }) => steps).toReversed());
  return sessions.filter(({ steps }) => shown.includes(steps));
}

/** Of one session at least. */
function definitionOf(same: readonly DoneSession[]): JsonObject {
  const goals = same.map(({ goal }) => goal) as [string, ...string[]];
  return defineTimes(same.map(({ steps }) => steps).toReversed(), goalName(goals));
}

/** `two earlier runs with this goal`. */
function toldOf(sessions: readonly NearSession[]): string {
  const noun = sessions.every(({ isRun }) => isRun) ? 'earlier run' : 'earlier session';
  const isSame = sessions.every((session) => session.isSame);
  return `${counted(sessions.length, noun)} with ${isSame ? 'this goal' : 'a goal like this'}`;
}
