/** A run whose processes end when the test says so; everything else goes on by itself. */
import type { Event, EventOf, StepStatus } from '../../../../src/engine/core/events.ts';
import type { Json, Strategy, Workflow } from '../../../../src/engine/core/model.ts';
import type { StepState } from '../../../../src/engine/core/state.ts';
import { failure } from './failure-example.ts';
import { FakeHost } from './fake-host.ts';

export class ScriptedRun {
  readonly host: FakeHost;

  constructor(workflow: Workflow, slots = 10) {
    this.host = new FakeHost(workflow, { chance: () => 1, slots, failing: 0 });
    this.#go();
  }

  #go(): void {
    while (this.host.drive());
  }

  /** Types of the events from `seq` on, with the step or checkpoint that they are about. */
  since(seq: number): readonly string[] {
    return this.host.entries.slice(seq).map(({ event }) => {
      if ('step' in event && event.type !== 'checkpoint.taken') return `${event.type} ${event.step}`;
      return 'checkpoint' in event ? `${event.type} ${event.checkpoint}` : event.type;
    });
  }

  /** Keys of the processes under way, in order of their start. */
  get running(): readonly string[] {
    return [...this.host.run.running].map((step) => step.key);
  }

  get outcome(): readonly [string, string | undefined] {
    return [this.host.run.status, this.host.run.reason];
  }

  step(key: string): StepState {
    const step = this.host.run.byKey.get(key);
    if (!step) throw new Error(`no step ${key}`);
    return step;
  }

  status(...keys: readonly string[]): readonly StepStatus[] {
    return keys.map((key) => this.step(key).status);
  }

  send(...events: readonly Event[]): this {
    this.host.append(...events);
    this.#go();
    return this;
  }

  succeed(...keys: readonly string[]): this {
    for (const key of keys) this.send({ type: 'step.succeeded', step: key, attempt: this.step(key).attempt });
    return this;
  }

  fail(key: string, code = 'exit'): this {
    return this.send({
      type: 'step.failed',
      step: key,
      attempt: this.step(key).attempt,
      failure: failure(code),
    });
  }

  retryAt(key: string, at: number): this {
    const attempt = this.step(key).attempt + 1;
    return this.send({ type: 'step.retry_scheduled', step: key, attempt, at, failure: failure('exit') });
  }

  interrupt(key: string, cause: 'never_started' | 'reboot' = 'reboot'): this {
    this.host.interrupt(this.step(key), cause);
    this.#go();
    return this;
  }

  cancel(mode: 'graceful' | 'immediate'): this {
    return this.send({ type: 'run.cancel_requested', mode, by: 'test' });
  }

  resume(from?: string): this {
    return this.send({ type: 'run.resumed', by: 'test', ...(from !== undefined && { from_step: from }) });
  }

  rollBack(strategy: Strategy = 'graceful', more: Partial<EventOf<'unwind.requested'>> = {}): this {
    return this.send({ type: 'unwind.requested', strategy, by: 'test', ...more });
  }

  /** Answers the open question. */
  answer(answer: Json): this {
    const open = [...this.host.run.questions.values()].find(({ status }) => status === 'open');
    if (!open) throw new Error('no question is open');
    return this.send({ type: 'question.answered', question: open.id, answer, by: 'test' });
  }

  at(now: number): this {
    this.host.now = now;
    this.#go();
    return this;
  }
}
