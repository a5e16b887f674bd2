/** The columns of the features that weigh a slot's values against each other. */
import { CONTEXTS, SESSION_CONTEXTS } from './slot-situation.ts';

/** Of each context: what it says of a value in all, lately, and whether the value is its newest. */
export const ROW_COLUMNS = 3;
const ROWS_WIDTH = ROW_COLUMNS * (CONTEXTS + SESSION_CONTEXTS);

const NAMES = [
  'base',
  'isHeld',
  'age',
  'isOfLastCommand',
  'isOfCommandBefore',
  'isOfThirdToFifth',
  'rankOfType',
  'isNewestOfType',
  'isHeldOnce',
  'isWritten',
  'writtenAge',
  'isLastWritten',
  'isWrittenUnused',
  'isRemoved',
  'isNextInOrder',
  'isPreviousInOrder',
  'isFilled',
  'isSlotsLast',
  'isSlotsSecond',
  'isSlotsThird',
  'ageInSlot',
  'sameBeginning',
  'sameLongBeginning',
  'directoryOfLast',
  'directoryOfFilled',
  'likeSlotsLast',
  'likeSlotsLastJustNow',
  'likeLastCommand',
  'wordsOfLastCommands',
  'wordsOfFilled',
  'isBaseOfLastCommands',
  'mannerOfSlot',
  'mannerOfProgram',
  'isTold',
  'isBaseTold',
  'isToldWord',
  'toldAt',
  'wordsTold',
  'isWhollyTold',
  'nearby',
  'mostNearby',
  'trustInSource',
  'trustInRank',
  'trustInEarlier',
  'trustMost',
  'another',
  'anotherOfType',
  'anotherOfSlot',
  'anotherAfter',
  'anotherBeside',
  'anotherOfMany',
  'isNextWritten',
  'namesOfCompany',
  'numbersOfCompany',
] as const;

export type SlotColumn = (typeof NAMES)[number];

/** Where each of them is, behind those of the contexts. */
export const COLUMN = Object.fromEntries(NAMES.map((name, i) => [name, ROWS_WIDTH + i])) as Readonly<
  Record<SlotColumn, number>
>;

export const WIDTH = ROWS_WIDTH + NAMES.length;
