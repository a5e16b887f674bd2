/** How the calls of one run tell another run something. */
import type { Journal } from '../core/ports.ts';
import type { CallIo } from '../core/step-type.ts';
import { sendSignal } from './run-requests.ts';

interface SignalPorts {
  readonly journal: Journal;
  now(): number;
  kick(runId: string): void;
}

/** @param from id of the run that tells it */
export const runSignaller =
  (ports: SignalPorts, from: string): CallIo['signalRun'] =>
  async (runId, name, payload) => {
    const requester = { journal: ports.journal, now: () => ports.now(), by: `run:${from}` };
    const sent = sendSignal(requester, runId, { name, payload });
    if (sent.ok) {
      ports.kick(runId);
      return undefined;
    }
    const { code, message } = sent.error;
    return {
      code: 'signal_refused',
      retry: code === 'busy' || code === 'storage' ? 'again' : 'final',
      message: `signal \`${name}\` to run \`${runId}\`: ${message}`,
      hint: '`belay status` shows whether the run still goes on',
    };
  };
