/** Where a slot stands, as keys: of the contexts its values are counted under, and of what the weights depend on. */
import { hashText, mixHash } from '../rank/hash.ts';
import { idOf, type OpenSlot, type SlotSession } from './slot-session.ts';

/** What a slot's values are counted under, by place in `contexts`; the first `CHAIN` lead from the broadest to the narrowest. */
export const CONTEXT = {
  type: 0,
  slot: 1,
  stubBefore: 2,
  commandBefore: 3,
  commandsBefore: 4,
  filled: 5,
  lastFilled: 6,
  slotsLast: 7,
  slotsLastTwo: 8,
  commandAndFilled: 9,
  program: 10,
  slotName: 11,
  place: 12,
  template: 13,
} as const;
export const CONTEXTS = Object.keys(CONTEXT).length;
export const CHAIN = 4;
/** Those of them that the session counts for itself. */
const OF_SESSION = [CONTEXT.slot, CONTEXT.slotsLast, CONTEXT.lastFilled, CONTEXT.type, CONTEXT.template];
export const SESSION_CONTEXTS = OF_SESSION.length;
const NEAR_VALUES = 8;

export interface SlotSituation {
  readonly session: SlotSession;
  readonly open: OpenSlot;
  /** The slot of that stub with a value of that type. */
  readonly key: number;
  readonly type: number;
  readonly before: number;
  /** The value filled just before in the same command; 0 for none. */
  readonly lastFilled: number;
  /** `CONTEXTS` keys; 0 where there is no such context. */
  readonly contexts: readonly number[];
  /** `SESSION_CONTEXTS` of them, which the session counts for itself. */
  readonly sessionContexts: readonly number[];
  /** This slot in a session that held this value lately; for each of the newest values. */
  readonly nearby: readonly number[];
  /** Under which the session counts in which manner the values of the slot, and of its program, are written. */
  readonly manners: readonly [slot: number, program: number];
  /** What the weights of pairs depend on. */
  readonly atoms: Uint32Array;
}

export function situate(session: SlotSession, open: OpenSlot): SlotSituation {
  const type = hashText(open.type);
  const key = mixHash(mixHash(hashText(open.stub), hashText(open.slot)), type);
  const before = hashText(session.commands[0]?.stub ?? '');
  const last = open.filled.at(-1);
  const lastFilled = last ? idOf(last.value) : 0;
  const keys = { session, open, key, type, before, lastFilled };
  const contexts = contextsOf(keys);
  return {
    ...keys,
    contexts,
    sessionContexts: OF_SESSION.map((context) => contexts[context] as number),
    manners: [mixHash(key, 15), mixed(programOf(open.stub), type, 16)],
    nearby: session.newest
      .filter((id) => id !== lastFilled)
      .slice(0, NEAR_VALUES)
      .map((id) => mixed(key, 14, id)),
    atoms: atomsOf(keys),
  };
}

type Keys = Omit<SlotSituation, 'contexts' | 'sessionContexts' | 'manners' | 'nearby' | 'atoms'>;

function contextsOf({ session, open, key, type, before, lastFilled }: Keys): readonly number[] {
  const { stub, slot, filled, place, template } = open;
  const [previous, earlier] = session.commands;
  const command = previous?.hash ?? 0;
  const all = hashText(filled.map(({ value }) => value).join(' '));
  const [own, ownBefore] = session.slotSequence.get(key) ?? [];
  const isFirst = filled.length === 0;
  return [
    mixHash(type, 1),
    mixed(key, 4),
    mixed(key, 5, before),
    mixed(key, 6, command),
    mixed(key, 7, command, earlier?.hash ?? 0),
    isFirst ? 0 : mixed(key, 8, all),
    isFirst ? 0 : mixed(type, 2, lastFilled),
    own === undefined ? 0 : mixed(key, 3, own),
    own === undefined || ownBefore === undefined ? 0 : mixed(key, 9, own, ownBefore),
    isFirst ? 0 : mixed(key, 10, command, all),
    mixed(type, 11, programOf(stub)),
    mixed(type, 12, hashText(slot)),
    place ? mixed(key, 13, hashText(place)) : 0,
    template ? mixed(key, 28, hashText(template)) : 0,
  ];
}

function atomsOf({ session, open, key, type, before, lastFilled }: Keys): Uint32Array {
  const [previous, earlier] = session.commands;
  const [own = 0, ownBefore = 0] = session.slotSequence.get(key) ?? [];
  return Uint32Array.of(
    type,
    key,
    mixed(key, 20, before),
    mixed(key, 21, open.filled.length),
    mixed(key, 22, lastFilled),
    mixed(key, 23, before, hashText(earlier?.stub ?? '')),
    mixed(key, 24, own),
    mixed(key, 25, own, ownBefore),
    mixed(key, 26, previous?.hash ?? 0),
    mixed(key, 27, hashText(open.place ?? '')),
    ...(open.template ? [mixed(key, 29, hashText(open.template))] : []),
  );
}

const programOf = (stub: string): number => hashText(stub.split(' ', 1)[0] as string);
const mixed = (key: number, ...more: readonly number[]): number =>
  more.reduce((hash, value) => mixHash(hash, value), key);
