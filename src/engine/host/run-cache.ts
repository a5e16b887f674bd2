/**
 * The cache as one driven run uses it: looks for an earlier result before a step starts, waits while another step makes
 * the same, and keeps what came of a step that made it. A cache that cannot be used never fails a step.
 * 1. Of all steps that want one result, one makes it, and says from time to time that it is still at it.
 * 2. A result is kept only if what it depends on is still the same when its step has ended, it holds no secret, and all
 *    files that belong to it could be stored.
 */
import type { Event, EventOf, EventType } from '../core/events.ts';
import { err, type Failure, ok, type Result } from '../core/failure.ts';
import type { CacheSpec } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';
import { isOver, type RunState, type StepState } from '../core/state.ts';
import type { CacheHit, StepCache } from '../core/step-cache.ts';
import type { Outcome } from '../core/step-type.ts';
import type { NamedWish } from './artifact-wishes.ts';
import { cacheEntry, type Ending, endedAtOnce } from './cache-entry.ts';
import { CacheLeases } from './cache-leases.ts';
import { type CacheSubject, cacheSubject } from './cache-subject.ts';
import { CacheWaits } from './cache-waits.ts';
import { isAmong, keptPaths } from './kept-paths.ts';
import { log } from './log.ts';
import { secretValues } from './mask.ts';
import type { CacheAnswer, RunSource } from './run-source.ts';

export interface CachePorts {
  readonly cache: StepCache | undefined;
  readonly clock: Clock;
  run(): RunState;
  source(): RunSource;
  /** Nothing to record, but the run may go on. */
  wake(): void;
}

type Wishes = Result<readonly NamedWish[], Failure>;

interface Promised {
  readonly cacheKey: string;
  /** What the step hands out. */
  readonly wishes: readonly NamedWish[];
}

const NOT_ASKED: CacheAnswer = { kind: 'perform' };

export class RunCache {
  readonly #ports: CachePorts;
  /** By step: what was found for its next start. */
  readonly #answers = new Map<string, CacheAnswer>();
  readonly #looking = new Set<string>();
  readonly #waits: CacheWaits;
  readonly #leases: CacheLeases;
  /** Steps whose result held a secret. */
  readonly #secret = new Set<string>();
  /** Steps for which what was found could not be brought back. */
  readonly #anew = new Set<string>();
  readonly #endings = new Map<string, Ending>();
  #left = false;

  constructor(ports: CachePorts) {
    this.#ports = ports;
    this.#leases = new CacheLeases({
      clock: ports.clock,
      runId: ports.run().runId,
      use: (act) => this.#try(act),
    });
    this.#waits = new CacheWaits({
      clock: ports.clock,
      goesOn: (step, key) => this.#isTaken(step, key),
      ended: () => ports.wake(),
    });
  }

  /** What was found for the step; undefined: nobody has looked yet. */
  answer(step: StepState): CacheAnswer | undefined {
    if (!this.#specOf(step)) return NOT_ASKED;
    if (step.attempt > step.attemptBase) return { ...NOT_ASKED, ...keyOf(step.cacheKey) };
    return this.#answers.get(step.key);
  }

  /** Something is looked for, or waited for. */
  get busy(): boolean {
    return this.#looking.size + this.#waits.size > 0;
  }

  /** Looking, or waiting for somebody else: it does not start now. */
  isHeld({ key }: StepState): boolean {
    return this.#looking.has(key) || this.#waits.has(key);
  }

  lookUp(step: StepState): void {
    const { key } = step;
    const spec = this.#specOf(step);
    if (!spec || this.isHeld(step)) return;
    this.#looking.add(key);
    void this.#find(step, spec)
      .catch((error: unknown) => unusable(error))
      .then((answer) => {
        this.#looking.delete(key);
        if (this.#left) return;
        if (answer) this.#answers.set(key, answer);
        this.#ports.wake();
      });
  }

  async #find(step: StepState, spec: CacheSpec): Promise<CacheAnswer | undefined> {
    const { cache } = this.#ports;
    const found = await this.#keyNow(step, spec);
    if (!cache || !found || this.#left) return NOT_ASKED;
    if (this.#anew.delete(step.key)) cache.drop(found.key);
    const answer = cache.find(this.#leases.hold(step.key, found.key));
    if (answer.kind === 'hit') return this.#asThere(step, answer);
    if (answer.kind === 'ours') {
      this.#leases.take(step.key, found);
      return { kind: 'perform', key: found.key };
    }
    this.#waits.begin(step.key, found.key);
    return undefined;
  }

  /** Of files that are in place nothing has to be brought back; what is handed out of them is stored anew all the same. */
  async #asThere({ step }: StepState, answer: CacheAnswer & { readonly kind: 'hit' }): Promise<CacheAnswer> {
    const { cache, run } = this.#ports;
    const { hit } = answer;
    if (hit.files.length === 0 || step.artifacts) return answer;
    const isThere = await cache?.areThere(hit.files, run().cwd);
    return isThere ? { kind: 'hit', hit: { ...hit, files: [] } } : answer;
  }

  /** The key as things are now; undefined where there is none. */
  async #keyNow(
    step: StepState,
    spec: CacheSpec,
  ): Promise<{ readonly key: string; readonly subject: CacheSubject } | undefined> {
    const { cache } = this.#ports;
    const subject = cacheSubject(this.#ports.source(), step, spec);
    if (!cache || !subject.ok) return undefined;
    const { text, files } = subject.value;
    if (files.length === 0) return { key: cache.keyOf(text), subject: subject.value };
    const hash = await cache.hashFiles(this.#ports.run().cwd, files);
    if (hash.ok) return { key: cache.keyOf(`${text}\n${hash.value}`), subject: subject.value };
    log.warn({ step: step.key, reason: hash.error }, 'the result of a step is not kept');
    return undefined;
  }

  #isTaken(step: string, key: string): boolean {
    const { byKey, ready } = this.#ports.run();
    const waiting = byKey.get(step);
    if (!waiting || !ready.has(waiting)) return false;
    try {
      return this.#ports.cache?.isTaken(this.#leases.hold(step, key)) ?? false;
    } catch (error) {
      unusable(error);
      return false;
    }
  }

  async bringBack({ files }: CacheHit, signal: AbortSignal): Promise<Outcome> {
    const { cache, run } = this.#ports;
    const done = (await cache?.bringBack(files, run().cwd, signal)) ?? err('there is no cache');
    if (done.ok) return { ok: true };
    log.warn({ reason: done.error }, 'the files of a result cannot be brought back');
    return { ok: false, failure: { code: 'any', retry: 'again', message: done.error } };
  }

  /** Attempts that an earlier host has begun: what they make is made under the same key. */
  recover(): void {
    for (const { key: step, cacheKey: key, status } of this.#ports.run().byKey.values())
      if (key !== undefined && !isOver(status)) this.#leases.take(step, { key });
    this.#leases.renew();
  }

  /**
   * An attempt has done its work, and nobody has been told: looks whether its result may be kept, and takes in the
   * files that belong to it before the next step changes them.
   */
  ending(step: StepState, wishes: Wishes = ok([])): Promise<void> | undefined {
    const { cacheKey } = step;
    const spec = this.#specOf(step);
    if (cacheKey === undefined || !spec || !wishes.ok) return undefined;
    return this.#end(step, spec, { cacheKey, wishes: wishes.value }).catch(
      (error: unknown) => void unusable(error),
    );
  }

  async #end(step: StepState, spec: CacheSpec, { cacheKey, wishes }: Promised): Promise<void> {
    const { cache } = this.#ports;
    // as it was asked for: the same templates in the same scope
    const now = await this.#keyNow({ ...step, attempt: step.attempt - 1 }, spec);
    if (!cache || !now) return;
    const notKept = (reason: string) =>
      log.info({ run: this.#ports.run().runId, step: step.key, reason }, 'the result of a step is not kept');
    if (now.key !== cacheKey) return notKept('what it depends on has changed meanwhile');
    if (wishes.length > 0 && step.step.effects === 'none')
      return notKept('it hands out files, and says that it changes none');
    const { cwd, workflow } = this.#ports.run();
    const secrets = secretValues(workflow);
    const files = await cache.capture({ root: cwd, ...keptPaths(spec, cwd, wishes), secrets });
    if (!files.ok) return notKept(files.error);
    const missing = wishes.find((wish) => !isAmong(files.value, cwd, wish));
    if (missing) return notKept(`${missing.about} is not in the directory of the run`);
    this.#endings.set(step.key, { subject: now.subject, files: files.value });
  }

  /** An event was applied to the run; `given` is what it was before secrets were masked in it. */
  saw(event: Event, given: Event): void {
    if (event.type === 'step.interrupted' && event.cause === 'not_restored') this.#anew.add(event.step);
    if (!('step' in event) || event.step === undefined || !BEGINS_OR_ENDS.has(event.type)) return;
    this.#answers.delete(event.step);
    const isMasked = event !== given && JSON.stringify(event) !== JSON.stringify(given);
    if (event.type === 'step.succeeded' && isMasked) this.#secret.add(event.step);
    else this.#secret.delete(event.step);
  }

  /** These are durable. */
  recorded(events: readonly Event[]): void {
    for (const event of events) if (event.type === 'step.succeeded') this.#keep(event);
    this.#leaveAll((step) => this.#isMade(step));
  }

  /** Still to be made, or under way. */
  #isMade(key: string): boolean {
    const { byKey, status } = this.#ports.run();
    const step = byKey.get(key);
    return step !== undefined && !isOver(step.status) && !step.frame.halted && status !== 'paused';
  }

  #keep(event: EventOf<'step.succeeded'>): void {
    const step = this.#ports.run().byKey.get(event.step);
    const making = this.#leases.of(event.step);
    const spec = step && this.#specOf(step);
    if (!step || !spec || !making || this.#secret.has(event.step)) return;
    const ending = this.#endings.get(event.step) ?? endedAtOnce(step, making);
    this.#endings.delete(event.step);
    if (!ending) return;
    const { subject, files } = ending;
    const nowMs = this.#ports.clock.now();
    const entry = cacheEntry(this.#ports.run(), step, event, {
      key: making.key,
      spec,
      subject,
      files,
      nowMs,
    });
    this.#try((cache) => cache.put(entry));
  }

  #leaveAll(but: (step: string) => boolean): void {
    for (const step of this.#leases.steps()) {
      if (but(step)) continue;
      this.#leases.leave(step);
      this.#endings.delete(step);
    }
  }

  /** What has not begun is for others to make; what runs is looked after by the next host. */
  leave(): void {
    this.#left = true;
    this.#waits.stop();
    const { running } = this.#ports.run();
    const underWay = new Set([...running].map(({ key }) => key));
    this.#leaveAll((step) => underWay.has(step));
    this.#leases.stop();
  }

  #specOf({ step, frame }: StepState): CacheSpec | undefined {
    const isOff = !this.#ports.cache || this.#ports.run().noCache || frame.root !== 'steps';
    return isOff ? undefined : step.cache;
  }

  #try(act: (cache: StepCache) => void): void {
    try {
      if (this.#ports.cache) act(this.#ports.cache);
    } catch (error) {
      unusable(error);
    }
  }
}

/** After one of these the step is looked up anew. */
const BEGINS_OR_ENDS: ReadonlySet<EventType> = new Set<EventType>([
  'step.started',
  'step.cached',
  'step.succeeded',
  'step.failed',
  'step.skipped',
]);

const keyOf = (key: string | undefined): { readonly key?: string } => (key === undefined ? {} : { key });

/** The step is performed as if there were no cache. */
function unusable(error: unknown): CacheAnswer {
  log.warn({ err: error }, 'the cache of results cannot be used');
  return NOT_ASKED;
}
