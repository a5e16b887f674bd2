/** Values that may stand in a slot: what followed its contexts ever and in this session, what the session held, what the words name. */
import { type CountRow, type CountTable, mostCounted } from '../rank/count-table.ts';
import { type HeldValue, idOf, VALUE_CHARS_MAX } from './slot-session.ts';
import { CONTEXT, CONTEXTS, type SlotSituation } from './slot-situation.ts';
import { readTold, type ToldValues } from './told-values.ts';
import type { ValueBook } from './value-book.ts';
import type { ValueLooks } from './value-likeness.ts';

const FROM_SLOT = 24;
const FROM_CONTEXT = 8;
const FROM_OTHER_SLOTS = 6;
const FROM_NEARBY = 4;
const CANDIDATES_MAX = 120;
/** How many a row proposes, where that differs; the session's rows come last, its slot's first. The type knows no slot. */
const PROPOSED: ReadonlyMap<number, number> = new Map([
  [CONTEXT.type, 0],
  [CONTEXT.slot, FROM_SLOT],
  [CONTEXT.program, FROM_OTHER_SLOTS],
  [CONTEXT.slotName, FROM_OTHER_SLOTS],
  [CONTEXTS, FROM_SLOT],
]);

export interface SlotCandidate {
  readonly id: number;
  readonly value: string;
  readonly looks: ValueLooks;
  /** What the session knows of it. */
  readonly held: HeldValue | undefined;
}

export interface SlotEvidence {
  readonly situation: SlotSituation;
  readonly candidates: readonly SlotCandidate[];
  /** What followed the contexts ever, then in this session. */
  readonly rows: readonly (CountRow | undefined)[];
  readonly nearby: readonly CountRow[];
  readonly told: ToldValues;
}

export function gatherEvidence(
  situation: SlotSituation,
  counts: CountTable,
  values: ValueBook,
): SlotEvidence {
  const { session, open, contexts, sessionContexts } = situation;
  const rows = [
    ...contexts.map((key) => counts.get(key)),
    ...sessionContexts.map((key) => session.counts.get(key)),
  ];
  const nearby = situation.nearby.flatMap((key) => counts.get(key) ?? []);
  const told = readTold(open.intent, open.type);
  const found = new Map<number, SlotCandidate>();
  const add = (id: number, text?: string): void => {
    if (found.has(id) || found.size >= CANDIDATES_MAX) return;
    const held = session.held.get(id);
    const value = text ?? held?.value ?? values.get(id);
    if (value !== undefined) found.set(id, { id, value, looks: values.looks(id, value), held });
  };
  for (const word of told.words) if (word.length <= VALUE_CHARS_MAX) add(idOf(word), word);
  for (const [i, row] of rows.entries()) {
    const most = PROPOSED.get(i) ?? FROM_CONTEXT;
    if (most > 0) for (const id of mostCounted(row, most)) add(id);
  }
  for (const id of session.ofType.get(open.type) ?? []) add(id);
  for (const row of nearby) for (const id of mostCounted(row, FROM_NEARBY)) add(id);
  return { situation, candidates: [...found.values()], rows, nearby, told };
}
