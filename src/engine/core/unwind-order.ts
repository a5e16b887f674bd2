/**
 * Which lines of an unwind may begin: counts what each still waits for, so that an end costs what it sets free.
 * 1. A step is undone after all that was built upon it: what needs it or a block around it, later rounds and
 *    iterations one by one. What nothing ties together is free side by side.
 * 2. Nothing goes past a restore, nor past a step whose place in the run was given to a new life of it by a resume.
 */
import type { Frame, StepState } from './step-state.ts';
import { TimerQueue } from './timer-queue.ts';

/** One line of an unwind: of a step, or of none. */
interface Line {
  /** Its place; unique. */
  readonly order: number;
  readonly step?: StepState;
}

/** Passed when nothing is waited for any more. */
interface Gate {
  waits: number;
  readonly behind: Gate[];
  /** May begin when the gate is passed. */
  readonly line?: Line;
}

/** Of a step: everything built upon it is taken back; and itself with all in it. */
interface Gates {
  readonly open: Gate;
  readonly closed: Gate;
}

export class UnwindOrder<L extends Line> {
  readonly #byOrder: ReadonlyMap<number, L>;
  /** Lines that may begin, by their order. */
  readonly #free = new TimerQueue();
  readonly #ends = new Map<L, Gate>();

  /** @param lines in their order */
  constructor(lines: readonly L[]) {
    this.#byOrder = new Map(lines.map((line) => [line.order, line]));
    const plan = new Plan();
    for (const line of lines) this.#ends.set(line, plan.add(line));
    this.#pass(plan.gates.filter(({ waits }) => waits === 0));
  }

  /** The first ones, last started first. */
  next(limit: number): readonly L[] {
    return this.#free
      .firstDue(Number.POSITIVE_INFINITY, limit)
      .flatMap(({ at }) => this.#byOrder.get(at) ?? []);
  }

  /** False: it is not the line's turn. */
  begin(line: L): boolean {
    const before = this.#free.size;
    this.#free.drop(String(line.order));
    return this.#free.size < before;
  }

  /** It is taken back: what waited for it goes on. */
  done(line: L): void {
    const end = this.#ends.get(line);
    if (!end) return;
    end.waits -= 1;
    if (end.waits === 0) this.#pass([end]);
  }

  #pass(open: Gate[]): void {
    for (let gate = open.pop(); gate; gate = open.pop()) {
      if (gate.line) this.#free.set(String(gate.line.order), gate.line.order);
      for (const next of gate.behind) {
        next.waits -= 1;
        if (next.waits === 0) open.push(next);
      }
    }
  }
}

/** The gates of an unwind while they are built, line by line. */
class Plan {
  readonly gates: Gate[] = [];
  readonly #byStep = new Map<StepState, Gates>();
  /** The last iteration or round that was seen, by its loop. */
  readonly #lastIn = new Map<Frame, Gates>();
  /** What the lines since the last wall wait for, and what the next wall waits for. */
  #wall: Gate = this.#gate();
  #since: Gate[] = [];

  /** The gate that the line's end passes, once nothing else is waited for. */
  add(line: Line): Gate {
    const { step } = line;
    const begin = this.#gate(line);
    const end = this.#gate();
    end.waits = 1;
    follow(begin, this.#wall);
    if (!step || step.before) {
      for (const gate of this.#since) follow(begin, gate);
      this.#wall = end;
      this.#since = [];
      return end;
    }
    const { open, closed } = this.#gatesOf(step);
    follow(begin, open);
    follow(closed, end);
    this.#since.push(end);
    return end;
  }

  #gate(line?: Line): Gate {
    const gate: Gate = { waits: 0, behind: [], ...(line && { line }) };
    this.gates.push(gate);
    return gate;
  }

  #gatesOf(step: StepState): Gates {
    const known = this.#byStep.get(step);
    if (known) return known;
    const { owner } = step.frame;
    const isLoop = owner?.layer === 'foreach' || owner?.layer === 'repeat';
    if (isLoop) return this.#iteration(step, owner);
    const around = owner && this.#gatesOf(owner);
    const list = [...step.frame.children.values()];
    for (const child of list) this.#make(child, around);
    for (const child of list) this.#tie(child);
    return this.#gatesOf(step);
  }

  #make(step: StepState, around: Gates | undefined): Gates {
    const gates = { open: this.#gate(), closed: this.#gate() };
    this.#byStep.set(step, gates);
    follow(gates.closed, gates.open);
    if (!around) return gates;
    follow(gates.open, around.open);
    follow(around.closed, gates.closed);
    return gates;
  }

  #tie(step: StepState): void {
    const { closed } = this.#gatesOf(step);
    for (const id of step.step.needs) {
      const needed = step.frame.children.get(id);
      if (needed) follow(this.#gatesOf(needed).open, closed);
    }
  }

  #iteration(step: StepState, loop: StepState): Gates {
    const gates = this.#make(step, this.#gatesOf(loop));
    const isSideBySide = loop.layer === 'foreach' && loop.step.foreach?.maxParallel !== 1;
    const later = this.#lastIn.get(step.frame);
    this.#lastIn.set(step.frame, gates);
    if (later && !isSideBySide) follow(gates.open, later.closed);
    return gates;
  }
}

function follow(gate: Gate, before: Gate): void {
  gate.waits += 1;
  before.behind.push(gate);
}
