/**
 * Learning a long history makes much that is soon of no use, and V8 would let that grow to 200 MiB and more: it gives
 * new objects 128 MiB, and lets old ones become four times of what is in use. With a quarter of the one and half as much
 * again of the other learning takes as long. Set while a process learns, and then taken back.
 * Where these settings mean nothing to this Node, nothing changes.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const YOUNG_BYTES_MAX = 32 * 1024 * 1024;
const GROWING_PERCENT = 50;

let isLean = false;
let isFull = false;

/** To be called now and then while a process learns: the place for new objects doubles until it is large enough. */
export function keepHeapLean(): void {
  if (!isLean) setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  isLean = true;
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  growYoung((young?.space_size ?? 0) < YOUNG_BYTES_MAX);
}

/** V8 does again as it does by itself. */
export function freeHeap(): void {
  if (isLean) setFlagsFromString('--heap-growing-percent=0');
  isLean = false;
  growYoung(true);
}

function growYoung(grows: boolean): void {
  if (isFull !== grows) return;
  isFull = !grows;
  setFlagsFromString(`--semi-space-growth-factor=${grows ? 2 : 1}`);
}
