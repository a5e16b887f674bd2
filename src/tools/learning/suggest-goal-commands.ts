/**
 * What was done before for the same goal without a workflow: the command of those runs that comes next, and a workflow
 * made of them. Looked up in the log itself, so that a run counts from the moment that it is in there.
 */
import type { JsonObject } from '../../engine/core/model.ts';
import { intentTerms } from '../../learning/intent/intent-terms.ts';
import type { LearnedStep } from '../../learning/learned-session.ts';
import { alike, defineTimes } from '../../learning/mine/define-pattern.ts';
import { goalName } from '../../learning/mine/goal-name.ts';
import { redact } from '../../learning/redact.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import { counted, endedWell } from './count-word.ts';
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

interface NearSession {
  readonly id: number;
  readonly similarity: number;
  /** In other words at most. */
  readonly isSame: boolean;
  readonly isRun: boolean;
  readonly goal: string;
  readonly steps: readonly LearnedStep[];
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

/** With the place in the log of a session with that goal. */
const GOAL_PATTERN = 'g-';

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

/** The workflow that was shown with that pattern, as the log would make it now. */
export function goalPattern(
  log: Pick<LearningStore, 'goals' | 'after'>,
  pattern: string,
): JsonObject | undefined {
  const id = Number(/^g-(\d{1,15})$/.exec(pattern)?.[1] ?? Number.NaN);
  const [session] = Number.isNaN(id) ? [] : log.after(id - 1, 1);
  if (session?.id !== id || session.goal === undefined) return undefined;
  return suggestGoalCommands(log, session.goal, []).workflow?.definition;
}

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
    .flatMap(({ id, goal, similarity }): readonly NearSession[] => {
      const [session] = log.after(id - 1, 1);
      const steps = session?.steps ?? [];
      const isFit = steps.every(
        ({ command }) => command.length <= COMMAND_CHARS_MAX && !command.includes('\n'),
      );
      const isRun = session?.source.startsWith('run:') ?? false;
      return steps.length > 0 && steps.length <= STEPS_MAX && isFit
        ? [{ id, similarity, isSame: similarity === 1 && numbersIn(goal) === numbers, isRun, goal, steps }]
        : [];
    });
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

/** What comes after the newest command that such a session has too, or at its beginning. */
function commandsOf(near: readonly NearSession[], recent: readonly string[]): readonly CommandSuggestion[] {
  const before = recent.map((command) => redact(command).text);
  const byCommand = new Map<string, { readonly sessions: NearSession[]; begins: boolean }>();
  for (const session of near) {
    const commands = session.steps.map(({ command }) => command);
    const last = before.findLast((command) => commands.includes(command));
    const at = last === undefined ? 0 : commands.lastIndexOf(last) + 1;
    const next = commands[at];
    if (next === undefined) continue;
    const known = byCommand.get(next);
    if (known) known.sessions.push(session);
    else byCommand.set(next, { sessions: [session], begins: at === 0 });
  }
  const total = sum(near) + OTHER_COMMAND;
  return [...byCommand].map(([command, { sessions, begins }]) => ({
    command,
    confidence: rounded(sum(sessions) / total),
    reasons: [`${toldOf(sessions)} ${begins ? 'began' : 'went on'} with it`],
  }));
}

/** Of what ended well, in its most frequent form. */
function workflowOf(near: readonly NearSession[]): GoalSuggestions['workflow'] {
  const well = near.filter(
    ({ steps }) => steps.length > 1 && steps.every(({ exitCode }) => (exitCode ?? 0) === 0),
  );
  const shown = alike(well.map(({ steps }) => steps).toReversed());
  const same = well.filter(({ steps }) => shown.includes(steps));
  const [newest] = same;
  if (!newest) return undefined;
  const isKnown = same.every(({ steps }) => steps.every(({ exitCode }) => exitCode !== undefined));
  const ending = isKnown ? `, ${endedWell(same.length, same.length)}` : '';
  return {
    pattern: `${GOAL_PATTERN}${newest.id}`,
    definition: defineTimes(shown, goalName([newest.goal, ...same.map(({ goal }) => goal)])),
    confidence: rounded(sum(same) / (sum(near) + OTHER_WORKFLOW)),
    reasons: [`${toldOf(same)} ran these commands${ending}`],
  };
}

/** `two earlier runs with this goal`. */
function toldOf(sessions: readonly NearSession[]): string {
  const noun = sessions.every(({ isRun }) => isRun) ? 'earlier run' : 'earlier session';
  const isSame = sessions.every((session) => session.isSame);
  return `${counted(sessions.length, noun)} with ${isSame ? 'this goal' : 'a goal like this'}`;
}
