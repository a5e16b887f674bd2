/**
 * How steps depend on each other: ids that are there once, needs that are known, no circles, steps that can
 * never run. Owns the resolved graph that the check of references asks.
 */
import type { DiagnosticList } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { allSteps, type Draft, type StepDraft } from '../draft.ts';

export interface Graph {
  readonly byId: ReadonlyMap<string, StepDraft>;
  /** Whether `step` runs only after `other` of the same list has finished. */
  isAfter(step: StepDraft, other: StepDraft): boolean;
}

export function checkGraph(draft: Draft, list: DiagnosticList): Graph {
  const byId = collectIds(draft, list);
  const upstream = new Map<StepDraft, bigint>();
  const position = new Map<StepDraft, bigint>();
  for (const all of listsOf(draft)) {
    // Needs mean the first step of an id. What repeats the id is an error of its own, and no part of the graph.
    const inList = new Map(all.toReversed().map((step) => [step.id, step]));
    const steps = all.filter((step) => inList.get(step.id) === step);
    for (const step of all) resolveNeeds(step, inList, byId, list);
    if (findCycle(steps, inList, list)) continue;
    for (const [index, step] of steps.entries()) position.set(step, 1n << BigInt(index));
    for (const step of steps) collectUpstream(step, inList, position, upstream);
  }
  checkReachable(draft, list);
  return {
    byId,
    // In a circle nothing is known; the circle itself is the error.
    isAfter: (step, other) =>
      !upstream.has(step) || (upstream.get(step)! & (position.get(other) ?? 0n)) !== 0n,
  };
}

function listsOf(draft: Draft): (readonly StepDraft[])[] {
  const all = [...allSteps(draft.steps), ...allSteps(draft.cleanup)];
  const inner = all.flatMap(({ body, undo }) => [body, undo].filter((steps) => steps !== undefined));
  return [draft.steps, draft.cleanup, ...inner];
}

function collectIds(draft: Draft, list: DiagnosticList): Map<string, StepDraft> {
  const byId = new Map<string, StepDraft>();
  for (const step of [...allSteps(draft.steps), ...allSteps(draft.cleanup)]) {
    const first = byId.get(step.id);
    if (!first) {
      byId.set(step.id, step);
      continue;
    }
    // a made one repeats the id of the step it stands at
    if (step.fields.id === undefined) continue;
    const message = `step id \`${step.id}\` is there twice`;
    const hint = 'ids are unique in the whole workflow: rename one';
    list.add({ code: 'duplicate_id', message, hint, path: [...step.path, 'id'] });
  }
  return byId;
}

function resolveNeeds(
  step: StepDraft,
  inList: ReadonlyMap<string, StepDraft>,
  byId: ReadonlyMap<string, StepDraft>,
  list: DiagnosticList,
): void {
  const written = step.fields.needs;
  if (!written) return;
  for (const [index, need] of written.entries()) {
    if (inList.has(need)) continue;
    const path = [...step.path, 'needs', index];
    const elsewhere = byId.get(need);
    if (elsewhere) {
      const message = `step \`${step.id}\` needs \`${need}\`, which is not in the same list of steps`;
      const isAside = elsewhere.aside !== step.aside;
      const hint = isAside
        ? 'an undo runs in a rollback only, and needs the steps of its own list'
        : 'needs join steps of one list: name the block around it';
      list.add({ code: 'wrong_need', message, hint, path });
    } else {
      const message = `step \`${step.id}\` needs \`${need}\`, which is not there`;
      const hint = didYouMean(need, inList.keys(), list.hints);
      list.add({ code: 'unknown_step', message, path, hint });
    }
  }
  step.needs = [...new Set(written.filter((need) => inList.has(need)))];
}

/** Reports the first circle of a list, in the order of its needs. */
function findCycle(
  steps: readonly StepDraft[],
  inList: ReadonlyMap<string, StepDraft>,
  list: DiagnosticList,
): boolean {
  const done = new Set<StepDraft>();
  const trail: StepDraft[] = [];
  const onTrail = new Set<StepDraft>();
  const visit = (step: StepDraft): boolean => {
    if (done.has(step)) return false;
    if (onTrail.has(step)) {
      const circle = [...trail.slice(trail.indexOf(step)), step].map(({ id }) => id);
      const message = `steps need each other in a circle: ${shortened(circle).join(' -> ')}`;
      const hint = `remove one of these needs; \`a -> b\` means that \`a\` needs \`b\``;
      list.add({ code: 'cycle', message, hint, path: [...step.path, 'needs'] });
      return true;
    }
    onTrail.add(step);
    trail.push(step);
    const found = step.needs.some((need) => {
      const needed = inList.get(need);
      return needed !== undefined && visit(needed);
    });
    trail.pop();
    onTrail.delete(step);
    done.add(step);
    return found;
  };
  return steps.some(visit);
}

const CIRCLE_NAMES_MAX = 20;

const shortened = (circle: readonly string[]): readonly string[] =>
  circle.length <= CIRCLE_NAMES_MAX
    ? circle
    : [...circle.slice(0, CIRCLE_NAMES_MAX - 2), '…', circle.at(-1)!];

/** One bit for each step of the list: 2,000 steps cost 250 bytes each. */
function collectUpstream(
  step: StepDraft,
  inList: ReadonlyMap<string, StepDraft>,
  position: ReadonlyMap<StepDraft, bigint>,
  upstream: Map<StepDraft, bigint>,
): bigint {
  const known = upstream.get(step);
  if (known !== undefined) return known;
  let bits = 0n;
  for (const id of step.needs) {
    const need = inList.get(id);
    if (!need) continue;
    bits |= collectUpstream(need, inList, position, upstream) | (position.get(need) ?? 0n);
  }
  upstream.set(step, bits);
  return bits;
}

/** A condition that says no whatever happens. */
const isNever = (step: StepDraft): boolean =>
  [step.fields.when, step.fields.condition].some(
    (when) => when !== undefined && /^\s*(\{\{\s*)?false(\s*\}\})?\s*$/.test(when),
  );

function checkReachable(draft: Draft, list: DiagnosticList): void {
  const never = new Set<StepDraft>();
  for (const steps of listsOf(draft)) {
    const inList = new Map(steps.map((step) => [step.id, step]));
    for (const step of steps) {
      const dead = step.fields.needs?.map((id) => inList.get(id)).find((need) => need && never.has(need));
      if (isNever(step)) {
        never.add(step);
        const message = `step \`${step.id}\` never runs: its condition is always false`;
        const key = step.fields.when === undefined ? 'condition' : 'when';
        list.add({ severity: 'warning', code: 'unreachable', message, path: [...step.path, key] });
      } else if (dead) {
        never.add(step);
        const message = `step \`${step.id}\` needs \`${dead.id}\`, which never runs`;
        const hint = 'remove the need, or the condition that is always false';
        list.add({ severity: 'warning', code: 'unreachable', message, hint, path: [...step.path, 'needs'] });
      }
    }
  }
}
