/**
 * Brings events to webhooks, for as long as the server lives.
 * 1. Of several servers on one data folder one delivers: whoever holds the lease.
 * 2. What is to be delivered stands in the store before it is tried, and where a webhook stands in the feed with it; so a
 *    restart leaves nothing out. A try whose result was not written is made again.
 * 3. A webhook that is far behind takes no more events out of the feed: they wait there.
 * 4. Fair: the next call is for whoever has fewest under way and has waited longest, and who does not answer gets one at a time.
 */
import { randomBytes } from 'node:crypto';
import {
  FEED_PAGE_EVENTS,
  WEBHOOK_CALLS_EACH_MAX,
  WEBHOOK_CALLS_MAX,
  WEBHOOK_LEASE_MS,
  WEBHOOK_PENDING_MAX,
} from '../../engine/core/limits.ts';
import { log } from '../../engine/host/log.ts';
import type { FeedEntry } from '../../store/feed.ts';
import type { Delivery } from '../../store/webhooks/delivery-list.ts';
import type { Webhook } from '../../store/webhooks/webhook-list.ts';
import type { Belay, OpenBelay } from '../../tools/belay.ts';
import { attempt } from './attempt.ts';
import { matches } from './event-pattern.ts';
import { messageBody, messageId } from './webhook-message.ts';

const RENEW_MS = WEBHOOK_LEASE_MS / 3;
/** The longest pause between two looks; also after a look that failed. */
const LOOK_MS = 1_000;
/** The shortest one, however much is committed. */
const PAUSE_MS = 100;
/** Places that nobody gets who has a call under way: they are for those that have none. */
const FIRST_CALLS_KEPT = 4;
/** So many events without one that is wanted, and the store is told how far they have been looked at. */
const UNWANTED_MAX = 4_096;

export interface SenderOptions {
  readonly open: OpenBelay;
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Fires when the server ends. */
  readonly leaving: AbortSignal;
}

export class WebhookSender {
  /** Deliveries that have arrived, and tries that have not, since the process began. */
  readonly counts = { delivered: 0, failed: 0 };
  readonly #options: SenderOptions;
  readonly #owner = `w-${process.pid}-${randomBytes(8).toString('hex')}`;
  /** By id of the message. */
  readonly #underWay = new Map<string, { readonly webhook: string; readonly ended: Promise<void> }>();
  /** Where each webhook has been looked for events; the store knows it only where there were any. */
  readonly #looked = new Map<string, number>();
  /** Whose last call has not arrived. */
  readonly #failing = new Set<string>();
  /** Number of the last call that each webhook got. */
  readonly #turns = new Map<string, number>();
  /** Until when there is nothing to do for those that wait for another try. */
  readonly #restUntilMs = new Map<string, number>();
  #calls = 0;
  #heldUntilMs = 0;
  #pause = new AbortController();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Resolves when it has ended: nothing is under way, and the lease is free. */
  async live(): Promise<void> {
    const { open, leaving } = this.#options;
    leaving.addEventListener('abort', () => this.#pause.abort(), { once: true });
    while (!leaving.aborted) {
      const opened = await open();
      if (leaving.aborted) break;
      this.#pause = new AbortController();
      const { signal } = this.#pause;
      try {
        if (opened.ok) await this.#look(opened.value);
      } catch (err) {
        log.warn({ err }, 'webhooks cannot be delivered now');
      }
      if (opened.ok) await opened.value.changes.next(Date.now() + LOOK_MS, signal);
      await paused(opened.ok ? PAUSE_MS : LOOK_MS, signal);
    }
    await Promise.all([...this.#underWay.values()].map(({ ended }) => ended));
    const opened = await open();
    if (opened.ok && this.#heldUntilMs > 0) this.#letGo(opened.value);
  }

  #letGo({ journal }: Belay): void {
    try {
      journal.deliveries.letGo(this.#owner);
    } catch (err) {
      log.debug({ err }, 'the lease of webhooks ends by itself');
    }
  }

  async #look(belay: Belay): Promise<void> {
    const webhooks = belay.journal.webhooks.list().filter(({ status }) => status === 'active');
    if (webhooks.length === 0 || !this.#holds(belay)) return;
    const pages = new Map<number, readonly FeedEntry[]>();
    const nowMs = this.#options.now();
    const rested = webhooks.filter(({ id }) => (this.#restUntilMs.get(id) ?? 0) <= nowMs);
    const awake: Webhook[] = [];
    for (const webhook of rested) {
      if (!this.#prepare(belay, webhook, pages)) continue;
      awake.push(webhook);
      // a page may be long, and there may be many: others get their turn
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!this.#options.leaving.aborted) this.#deliver(belay, awake);
  }

  /** Takes what is new out of the feed; is there anything to deliver now? */
  #prepare(belay: Belay, webhook: Webhook, pages: Map<number, readonly FeedEntry[]>): boolean {
    const nowMs = this.#options.now();
    const { count, nextAt = 0 } = belay.journal.deliveries.pending(webhook.id);
    if (count < WEBHOOK_PENDING_MAX && this.#schedule(belay, webhook, pages)) return true;
    if (count === 0) return false;
    // a long list is not looked through at every commit
    if (nextAt > nowMs) this.#restUntilMs.set(webhook.id, Math.min(nextAt, nowMs + LOOK_MS));
    return nextAt <= nowMs;
  }

  #holds({ journal }: Belay): boolean {
    const nowMs = this.#options.now();
    if (nowMs < this.#heldUntilMs - WEBHOOK_LEASE_MS + RENEW_MS) return true;
    this.#heldUntilMs = journal.deliveries.hold(this.#owner, nowMs) ? nowMs + WEBHOOK_LEASE_MS : 0;
    if (this.#heldUntilMs === 0) this.#looked.clear();
    return this.#heldUntilMs > 0;
  }

  /** One page of the feed; `pages` keeps the last one for others at the same place. True where something was wanted. */
  #schedule({ journal }: Belay, webhook: Webhook, pages: Map<number, readonly FeedEntry[]>): boolean {
    const after = Math.max(webhook.position, this.#looked.get(webhook.id) ?? 0);
    const page = pages.get(after) ?? journal.feed.read(after, FEED_PAGE_EVENTS);
    pages.clear();
    pages.set(after, page);
    const last = page.at(-1);
    if (!last) return false;
    const wanted = page.filter(({ event }) => event && matches(webhook.events, event.event.type));
    const move = { from: webhook.position, to: last.position };
    const isFar = last.position - webhook.position > UNWANTED_MAX;
    if (wanted.length > 0 || isFar)
      journal.deliveries.schedule(webhook.id, move, wanted, this.#options.now());
    this.#looked.set(webhook.id, last.position);
    // there is probably more
    this.#pause.abort();
    return wanted.length > 0;
  }

  #deliver(belay: Belay, webhooks: readonly Webhook[]): void {
    const due = new Map<string, Delivery[]>();
    const next = (webhook: Webhook): Delivery | undefined => {
      const queue = due.get(webhook.id) ?? this.#due(belay, webhook);
      due.set(webhook.id, queue);
      return queue.shift();
    };
    const beginOne = (): boolean =>
      this.#inTurn(webhooks).some((webhook) => {
        const delivery = next(webhook);
        if (delivery) this.#begin(belay, webhook, delivery);
        return delivery !== undefined;
      });
    while (this.#underWay.size < WEBHOOK_CALLS_MAX && beginOne());
  }

  /** Those that may have one more call, the next one first. */
  #inTurn(webhooks: readonly Webhook[]): readonly Webhook[] {
    const own = new Map<string, number>();
    for (const { webhook } of this.#underWay.values()) own.set(webhook, (own.get(webhook) ?? 0) + 1);
    const held = ({ id }: Webhook) => own.get(id) ?? 0;
    const turn = ({ id }: Webhook) => this.#turns.get(id) ?? 0;
    const areFew = this.#underWay.size >= WEBHOOK_CALLS_MAX - FIRST_CALLS_KEPT;
    const most = ({ id }: Webhook) => (areFew || this.#failing.has(id) ? 1 : WEBHOOK_CALLS_EACH_MAX);
    return webhooks
      .filter((each) => held(each) < most(each))
      .sort((a, b) => held(a) - held(b) || turn(a) - turn(b));
  }

  #due({ journal }: Belay, { id }: Webhook): Delivery[] {
    // those under way are still due
    const most = 2 * WEBHOOK_CALLS_EACH_MAX;
    const found = journal.deliveries.due(id, this.#options.now(), most);
    return found.filter((delivery) => !this.#underWay.has(messageId(delivery)));
  }

  #begin(belay: Belay, webhook: Webhook, delivery: Delivery): void {
    const id = messageId(delivery);
    this.#calls += 1;
    this.#turns.set(webhook.id, this.#calls);
    const ended = this.#bring(belay, webhook, delivery, id).then(
      () => this.#end(id),
      (err) => {
        // it is looked at again, though not at once
        log.warn({ err, id }, 'a delivery broke');
        this.#underWay.delete(id);
      },
    );
    this.#underWay.set(id, { webhook: webhook.id, ended });
  }

  #end(id: string): void {
    this.#underWay.delete(id);
    this.#pause.abort();
  }

  async #bring({ journal }: Belay, webhook: Webhook, delivery: Delivery, id: string): Promise<void> {
    const { now, random, leaving: signal } = this.#options;
    const [entry] = journal.feed.read(delivery.position - 1, 1);
    const secret = journal.webhooks.secretOf(webhook.id);
    const giveUp = (error: string) =>
      journal.deliveries.settle(delivery, { status: 'dead', atMs: now(), error });
    if (!secret) return giveUp('its secret cannot be opened: the key of the data folder is another one now');
    if (!entry?.event) return giveUp('the event can no longer be read from the journal');
    const body = messageBody(id, delivery.type, entry);
    const message = { id, body, attempts: delivery.attempts };
    const made = await attempt(webhook, secret, message, { signal, now, random });
    if (!made) return;
    journal.deliveries.settle(delivery, made.outcome);
    if (made.gone) journal.webhooks.setStatus(webhook.id, 'disabled');
    const { status, answer } = made.outcome;
    const hasArrived = status === 'delivered';
    this.counts[hasArrived ? 'delivered' : 'failed'] += 1;
    if (hasArrived) this.#failing.delete(webhook.id);
    else this.#failing.add(webhook.id);
    // addresses may hold secrets: why it failed is for those who may see the webhook
    if (status === 'dead') log.warn({ id, answer }, 'a delivery was given up');
  }
}

/** Sooner where the signal is given. */
function paused(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    const early = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', early, { once: true });
  });
}
