/** How the runs of one host share its slots, so that a wide run leaves room for the others. */
import type { HostOptions } from './host-options.ts';
import type { RunDriver } from './run-driver.ts';

/**
 * Task attempts that a run may have under way: what is free, but no more than an equal part while others of its
 * priority, or a higher one, wait. What it has already it keeps.
 */
export function slotsFor(
  driver: RunDriver,
  drivers: Iterable<RunDriver>,
  slots: HostOptions['slots'],
): number {
  let busy = 0;
  let wanting = 1;
  for (const other of drivers) {
    busy += other.busy;
    const counts = other !== driver && other.priority >= driver.priority;
    if (counts && (other.busy > 0 || other.hungry)) wanting += 1;
  }
  const wanted = Math.min(driver.run.workflow.maxParallel ?? slots.run, slots.host);
  const share = Math.max(1, Math.floor(slots.host / wanting));
  const free = Math.max(0, slots.host - busy);
  return Math.min(wanted, Math.max(driver.busy, Math.min(share, driver.busy + free)));
}
