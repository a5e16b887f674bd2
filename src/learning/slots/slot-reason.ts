/** Why a value was proposed, in one phrase that is true whatever else spoke for it. */
import { type CountRow, countOf } from '../rank/count-table.ts';
import type { SlotCandidate, SlotEvidence } from './slot-candidates.ts';
import { CONTEXT, CONTEXTS } from './slot-situation.ts';

const NAMED_CHARS_MIN = 3;
/** A value that was held longer ago is told by what it came after. */
const AGO_MAX = 8;

/** Of what is known ever, from the most telling on. */
const COUNTED: readonly (readonly [context: number, where: string])[] = [
  [CONTEXT.commandBefore, 'after the command before'],
  [CONTEXT.filled, 'with these values'],
  [CONTEXT.place, 'in this directory'],
  [CONTEXT.slot, 'in this place'],
];

export function slotReason({ id, value, held }: SlotCandidate, evidence: SlotEvidence): string {
  const { situation, rows, nearby, told } = evidence;
  const { session, key } = situation;
  const isNamed = value.length >= NAMED_CHARS_MIN && told.text.includes(value);
  if (isNamed || told.words.includes(value)) return 'named in the words of the step';
  const age = held ? session.steps - held.lastAt + 1 : Number.POSITIVE_INFINITY;
  if (held && age === 1) return fromCommand(held.slot, age);
  if (session.slotValues.get(key)?.[0] === id) return 'the same slot in this session';
  if (held && age <= AGO_MAX) return fromCommand(held.slot, age);
  for (const [context, where] of COUNTED) {
    const row = rows[context];
    const count = countOf(row, id);
    // before the first command of a session there is none
    const isFirst = context === CONTEXT.commandBefore && session.steps === 0;
    if (count > 0) return `${timesOf(count, row)} ${isFirst ? 'at the beginning of a session' : where}`;
  }
  if (countOf(rows[CONTEXTS], id) > 0) return 'the same slot in this session';
  if (held) return 'held earlier in this session';
  const isNear = nearby.some((row) => countOf(row, id) > 0);
  return isNear ? 'came with what this session holds' : 'came in commands like this one';
}

function fromCommand(slot: string, age: number): string {
  const ago = age === 1 ? 'the command before' : `${age} commands before`;
  return slot === '' ? `written by ${ago}` : `${slot} of ${ago}`;
}

const timesOf = (count: number, row: CountRow | undefined): string =>
  `${count} of ${row?.total} ${row?.total === 1 ? 'time' : 'times'}`;
