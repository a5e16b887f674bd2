/** Who asks, as `run-requests` wants it. */
import type { Requester } from '../engine/host/run-requests.ts';
import type { ToolContext } from './tool.ts';

export const requester = (context: ToolContext): Requester => ({
  journal: context.belay.journal,
  now: () => context.belay.clock.now(),
  by: context.caller,
});
