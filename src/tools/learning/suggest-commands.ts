/**
 * The commands that may come next, from the models and what was run just before; with reasons whose counts come from the
 * log itself, so that they can be checked.
 */
import type { CommandModel, Prediction, Suggestion } from '../../learning/command-model.ts';
import type { FailureModel } from '../../learning/failure/failure-model.ts';
import { FailureSession } from '../../learning/failure/failure-session.ts';
import { intentTerms } from '../../learning/intent/intent-terms.ts';
import { redact } from '../../learning/redact.ts';
import { readCommand } from '../../learning/shell/read-command.ts';
import { shownStub } from '../../learning/shell/shown-form.ts';
import type { SlotModel } from '../../learning/slots/slot-model.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import { withOpenSecrets } from '../create/secret-free.ts';
import { failureWarning } from './failure-warning.ts';
import { type FilledCommand, fillCommands } from './fill-command.ts';
import { usualCommands } from './usual-commands.ts';

/** Of what was run before, the newest say what comes next. */
const RECENT_MAX = 20;
/** All that the model can rank. */
const CANDIDATES_MAX = 100;
/** Under this silence is better. */
const CONFIDENCE_MIN = 0.05;
const BEST_MIN = 0.15;
const PREFIX_BEST_MIN = 0.02;
/** Fewer letters than these begin too many commands. */
const USUAL_PREFIX_MIN = 3;
/** Some of its values are left open. */
const IS_OPEN = /<[a-z]+>/;
/** A line that is this likely is no old value of a form that has an open place. */
const AGAIN_MIN = 0.2;
/** A program whose arguments nobody can tell is worth showing when it is this likely. */
const OPEN_MIN = 0.25;
const NAMED = /^[\w.-]+(?: [\w.:-]+)*$/;
const EXAMPLE_CHARS_MAX = 80;
const REASONS_MAX = 3;
/** Of the chance that none of the ranked ones comes, how much is left to others that begin alike. */
const OTHERS_SHARE = 0.5;
/** However sure the ranking is: what is typed may be none of it. */
const OTHERS_MIN = 0.005;
const BY_WORDS = /by their words$/;
const ABOUT_ONE_BEFORE = /after the command before$/;

export interface CommandQuestion {
  readonly recent: readonly string[];
  readonly lastExitCode?: number | undefined;
  readonly cwd?: string | undefined;
  readonly intent?: string | undefined;
  /** Only commands that begin so. */
  readonly prefix?: string | undefined;
  readonly limit: number;
}

export interface CommandSuggestion {
  readonly command: string;
  readonly confidence: number;
  readonly reasons: readonly string[];
}

/** What was learned of commands. */
interface CommandModels {
  readonly commands: CommandModel;
  readonly slots: SlotModel;
  readonly failures: FailureModel;
}

type Log = Pick<LearningStore, 'followers' | 'timesOf' | 'startingWith'>;

/** Best first; none where the best is too uncertain. */
export function suggestCommands(
  models: CommandModels,
  log: Log,
  question: CommandQuestion,
): readonly CommandSuggestion[] {
  const { commands } = models;
  const { recent, lastExitCode, cwd, intent, prefix = '', limit } = question;
  // whoever asks tells the newest commands, not where the session began
  const session = commands.begin(intent, recent.length > 0);
  // what was learned has no secrets in it either: only so are the two the same
  const before = recent.slice(-RECENT_MAX).map((command) => redact(command).text);
  for (const [at, command] of before.entries()) {
    const exitCode = at === before.length - 1 ? lastExitCode : undefined;
    commands.follow(session, { command, exitCode });
  }
  const { suggestions } = commands.predict(session, { place: cwd, intent }, CANDIDATES_MAX);
  const lines = withFilled(models, suggestions, before, { intent, cwd, prefix });
  const own = withOpen(lines, suggestions.stub, log);
  // nothing but the words of a goal says too little of which habit is meant
  const usual =
    recent.length > 0 || prefix.length >= USUAL_PREFIX_MIN ? usualCommands(suggestions.template) : [];
  const all = [...own, ...usual].sort((a, b) => b.confidence - a.confidence);
  const isGoalOnly = intent !== undefined && recent.length + prefix.length === 0;
  const shown = isGoalOnly ? all.filter(speaksOf(intent)) : all;
  const ranked = prefix === '' ? shown : beginningWith(shown, prefix, log, limit);
  // who has begun to type wants to see what there is
  if ((ranked[0]?.confidence ?? 0) < (prefix === '' ? BEST_MIN : PREFIX_BEST_MIN)) return [];
  const outcomes = outcomesOf(before, lastExitCode);
  return ranked
    .filter(({ confidence }) => confidence >= (prefix === '' ? CONFIDENCE_MIN : PREFIX_BEST_MIN))
    .slice(0, limit)
    .map(({ label, confidence, reasons }) => {
      const { chance, reason } = models.failures.predict(outcomes, label, intent);
      return {
        command: withOpenSecrets(label),
        confidence: rounded(confidence),
        reasons: [...reasonsFor(label, before.at(-1), reasons, log), ...failureWarning(chance, reason)],
      };
    });
}

type Ranked = Pick<Suggestion, 'label' | 'confidence' | 'reasons'>;

/** Lines as they were run, and likely templates with likely values, which share the chance that no such line comes. */
function withFilled(
  { slots }: CommandModels,
  { raw, template }: Prediction['suggestions'],
  before: readonly string[],
  { intent, cwd, prefix }: Pick<CommandQuestion, 'intent' | 'cwd' | 'prefix'>,
): readonly Ranked[] {
  const known = new Set(raw.map(({ label }) => label));
  const own = template.filter(({ times }) => times > 0);
  const all = fillCommands(slots, own, before, intent, cwd).filter(({ command }) => !known.has(command));
  // who has begun to type may want one of the earlier lines
  const forms = prefix === '' ? all.filter(({ isOpen }) => isOpen) : [];
  const { lines, rest } = withoutOld(raw, forms);
  const told = sumOf(lines);
  const open = sharing(
    forms.map((form) => ({ ...form, confidence: form.confidence - (rest.get(form.template) ?? 0) })),
    1 - told,
  );
  const filled = sharing(
    all.filter((each) => !forms.includes(each)),
    1 - told - sumOf(open),
  );
  const shown = lines.filter(({ label }) => label !== '' && !label.includes('\n'));
  return [...shown, ...open, ...filled].sort((a, b) => b.confidence - a.confidence);
}

/**
 * Where a form with an open place is shown, the earlier lines of that form are old values, except those that are likely to come
 * again; `rest`: what these have of the chance of their form.
 */
function withoutOld(
  raw: readonly Suggestion[],
  forms: readonly { readonly template: string }[],
): { readonly lines: readonly Suggestion[]; readonly rest: ReadonlyMap<string, number> } {
  const open = new Set(forms.map(({ template }) => template));
  const rest = new Map<string, number>();
  const lines = raw.filter(({ label, confidence }) => {
    const { template } = readCommand(label);
    if (open.size === 0 || !open.has(template)) return true;
    if (confidence < AGAIN_MIN) return false;
    rest.set(template, (rest.get(template) ?? 0) + confidence);
    return true;
  });
  return { lines, rest };
}

/** As they are, or less where there is not so much left. */
function sharing(filled: readonly FilledCommand[], left: number): readonly Ranked[] {
  const sum = filled.reduce((total, { confidence }) => total + Math.max(0, confidence), 0);
  const scale = Math.min(1, Math.max(0, left) / Math.max(sum, 1e-9));
  return filled.map(({ command, confidence, reasons }) => ({
    label: command,
    confidence: Math.max(0, confidence) * scale,
    reasons,
  }));
}

const sumOf = (ranked: readonly Ranked[]): number =>
  ranked.reduce((sum, { confidence }) => sum + confidence, 0);

/**
 * Programs that are likely to come in some line, though none of their lines is: with the arguments left open, or with
 * those that they have always had.
 */
function withOpen(
  lines: readonly Ranked[],
  stubs: Prediction['suggestions']['stub'],
  log: Log,
): readonly Ranked[] {
  const open = stubs.flatMap(({ label: stub, confidence, example }): readonly Ranked[] => {
    const told = lines.filter(({ label }) => readCommand(label).stub === stub);
    if (told.some(({ label }) => IS_OPEN.test(label))) return [];
    const left = confidence - sumOf(told);
    if (left < OPEN_MIN || !NAMED.test(stub) || log.timesOf(stub) === 0) return [];
    const [only, other] = log.startingWith(stub, 2);
    if (!other && only?.command === example)
      return [{ label: example, confidence, reasons: reasonsOf(told) }];
    const isShort = example.length <= EXAMPLE_CHARS_MAX && !example.includes('\n');
    const last = isShort ? `: the last was \`${example}\`` : '';
    return [{ label: `${stub} <arguments>`, confidence: left, reasons: [`its arguments change${last}`] }];
  });
  const known = new Set(open.map(({ label }) => label));
  return [...lines.filter(({ label }) => !known.has(label)), ...open].sort(
    (a, b) => b.confidence - a.confidence,
  );
}

const reasonsOf = ([first]: readonly Ranked[]): readonly string[] => first?.reasons ?? [];

/** Where nothing but a goal is told, what is merely frequent is no answer. */
function speaksOf(intent: string): (ranked: Ranked) => boolean {
  const terms = new Set(intentTerms(intent));
  return ({ label, reasons }) =>
    reasons.some((reason) => BY_WORDS.test(reason)) || intentTerms(label).some((term) => terms.has(term));
}

function outcomesOf(before: readonly string[], lastExitCode: number | undefined): FailureSession {
  const outcomes = new FailureSession();
  for (const [at, command] of before.entries()) {
    const isLast = at === before.length - 1 && lastExitCode !== undefined;
    outcomes.follow(command, isLast ? lastExitCode !== 0 : undefined);
  }
  return outcomes;
}

/** The chance of each, given that the command begins so. */
function beginningWith(all: readonly Ranked[], prefix: string, log: Log, limit: number): readonly Ranked[] {
  const fitting = all.filter(({ label }) => label.startsWith(prefix) && label !== prefix);
  const left = (1 - all.reduce((sum, { confidence }) => sum + confidence, 0)) * OTHERS_SHARE;
  const rest = Math.max(OTHERS_MIN, left);
  const sum = fitting.reduce((total, { confidence }) => total + confidence, rest);
  const known = new Set(fitting.map(({ label }) => label));
  const counted = log
    .startingWith(prefix, CANDIDATES_MAX)
    .filter(({ command }) => command !== prefix && !command.includes('\n'));
  const times = counted.reduce((total, each) => total + each.times, 0);
  // those that are ranked have a share in it too: one that came before is not less likely for being known
  const shares = new Map(counted.map((each) => [each.command, (rest / sum) * (each.times / (times + 1))]));
  const others = counted
    .filter(({ command }) => !known.has(command))
    .slice(0, limit)
    .map((each) => ({
      label: each.command,
      confidence: shares.get(each.command) ?? 0,
      reasons: [`${each.times} of ${times} commands that begin so`],
    }));
  const ranked = fitting.map((each) => ({
    ...each,
    confidence: each.confidence / sum + (shares.get(each.label) ?? 0),
  }));
  return [...ranked, ...others].sort((a, b) => b.confidence - a.confidence);
}

function reasonsFor(
  command: string,
  before: string | undefined,
  own: readonly string[],
  log: Log,
): readonly string[] {
  const { stub } = readCommand(command);
  const reasons: string[] = [];
  if (before !== undefined) {
    const last = readCommand(before).stub;
    const { total, byStub } = log.followers(last);
    const times = byStub.get(stub) ?? 0;
    if (times > 0)
      reasons.push(`after ${shownStub(last)} you ran ${shownStub(stub)} ${times} of ${timesText(total)}`);
  }
  reasons.push(...own.filter((reason) => !ABOUT_ONE_BEFORE.test(reason)));
  const times = reasons.length > 0 ? 0 : log.timesOf(stub);
  if (times > 0) reasons.push(`you ran ${shownStub(stub)} ${timesText(times)}`);
  return reasons.slice(0, REASONS_MAX);
}

const timesText = (times: number): string => `${times} ${times === 1 ? 'time' : 'times'}`;

/** Three digits: more would pretend to know more. */
export const rounded = (confidence: number): number => Math.round(confidence * 1000) / 1000;
