/** What the slots of a command are filled beside: the session's earlier commands, and what is filled already. */
import { RecentMap } from '../rank/recent-map.ts';
import type { SlotValue } from '../shell/read-command.ts';

/** A command's stub with the slots it filled and the files it wrote. */
export interface FilledCommand {
  readonly stub: string;
  readonly slots: readonly SlotValue[];
  readonly written: readonly string[];
  readonly intent?: string | undefined;
}

/** What one session filled in. Kept by the caller, changed by `learn`. */
export class SlotSession {
  readonly last = new RecentMap<number, string>(2000);
  readonly commands: FilledCommand[] = [];
  /** The newest values of each type. */
  readonly values = new Map<SlotValue['type'], readonly string[]>();
  written: readonly string[] = [];
}

/** A slot to fill, and the slots of the same command that are filled. */
export interface OpenSlot {
  readonly stub: string;
  readonly slot: string;
  readonly type: SlotValue['type'];
  readonly filled: readonly SlotValue[];
  /** The words told with the step; values that they name are proposed, or trusted more. */
  readonly intent?: string | undefined;
}
