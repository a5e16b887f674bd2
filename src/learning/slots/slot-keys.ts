/** Under which keys a slot's values, and the trust in an expert for it, are kept. */
import { hashText, mixHash } from '../rank/hash.ts';
import type { OpenSlot, SlotSession } from './slot-session.ts';

/** Experts that remember a value, in the order of `memoryKeys`. */
export const MEMORIES = [
  'the last value of this slot',
  'the value after this command',
  'the value with these values',
] as const;

/** Where the last value is remembered: of the slot, after the command before, with what is filled already. */
export function memoryKeys(session: SlotSession, open: OpenSlot): readonly number[] {
  const key = slotKey(open);
  const before = session.commands.at(-1);
  const last = hashText(before ? `${before.stub} ${before.slots.map(({ value }) => value).join(' ')}` : '');
  const filled = hashText(open.filled.map(({ value }) => value).join(' '));
  return [key, mixHash(mixHash(key, 3), last), mixHash(mixHash(key, 4), filled)];
}

export const slotKey = ({ stub, slot }: OpenSlot): number => mixHash(hashText(stub), hashText(slot));

/** From the broadest to the narrowest. */
export function trustKeys(expert: string, open: OpenSlot, before: string): readonly number[] {
  const name = hashText(expert);
  const own = mixHash(name, slotKey(open));
  return [name, mixHash(name, hashText(open.type)), own, mixHash(own, hashText(before))];
}
