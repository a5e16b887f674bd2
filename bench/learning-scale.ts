/** Time and memory of the learning engine over a long synthetic history: many programs, ever new arguments. */
import { FailureSession } from '../src/learning/failure/failure-model.ts';
import { readCommand, readSlots } from '../src/learning/shell/read-command.ts';
import { SlotSession } from '../src/learning/slots/slot-session.ts';
import { packState, unpackState } from '../src/store/learning/model-snapshot.ts';
import { newModels, restoredModels, savedModels } from '../src/tools/learning/models.ts';

const PROGRAMS = 400;
const SESSION_STEPS = 40;
const LIMIT = 5;
const TIMED_LAST = 20_000;
const MIB = 2 ** 20;

export interface ScaleScore {
  readonly commands: number;
  /** Processor time of the whole process for one command, collecting garbage included. */
  readonly meanCpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Heap and tables; without garbage only where the process may collect it (`--expose-gc`). */
  readonly liveMiB: number;
  readonly residentMiB: number;
  /** A snapshot as it is stored: made and packed, then unpacked and restored. */
  readonly snapshotMs: number;
  readonly snapshotMiB: number;
  readonly reopenMs: number;
}

/** Predicts and learns each command; the quantiles are of the last 20,000, in processor time of the one thread. */
export function measureScale(commands: number): ScaleScore {
  const models = newModels();
  const { commands: model, slots, failures } = models;
  const times: number[] = [];
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const started = process.cpuUsage();
  let [session, filled, outcomes] = [model.begin(), new SlotSession(), new FailureSession()];
  for (let i = 0; i < commands; i += 1) {
    if (i % SESSION_STEPS === 0) {
      session = model.begin(`goal ${next(1000)} of project ${next(50)}`);
      [filled, outcomes] = [new SlotSession(), new FailureSession()];
    }
    const program = Math.floor(next(PROGRAMS) ** 2 / PROGRAMS);
    const command = `tool${program} run${next(6)} --flag${next(9)} src/file${next(1_000_000)}.ts ${next(1000)}`;
    const asked = { place: `dir${next(200)}`, intent: `check part ${next(5000)} with tool ${program}` };
    const exitCode = next(5) === 0 ? 1 : 0;
    const from = threadMs();
    model.predict(session, asked, LIMIT);
    model.learn(session, { ...asked, command, exitCode });
    failures.learn(outcomes, command, exitCode !== 0, asked.intent);
    const { stub } = readCommand(command);
    slots.learn(filled, { stub, ...readSlots(command), intent: asked.intent });
    if (i >= commands - TIMED_LAST) times.push(threadMs() - from);
  }
  const { user, system } = process.cpuUsage(started);
  const { gc } = globalThis as { readonly gc?: () => void };
  gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  times.sort((a, b) => a - b);
  const [snapshotMs, packed] = timed(() => packState(savedModels(models)));
  const [reopenMs, restored] = timed(() => restoredModels(unpackState(packed)));
  if (!restored) throw new Error('the snapshot is no good');
  return {
    commands,
    meanCpuMs: (user + system) / 1000 / commands,
    p50Ms: times[Math.floor(times.length * 0.5)] ?? 0,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    liveMiB: (heapUsed + external) / MIB,
    residentMiB: rss / MIB,
    snapshotMs,
    snapshotMiB: packed.length / MIB,
    reopenMs,
  };
}

/** Processor time of this thread: what others do on the machine counts as little as possible. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function timed<T>(act: () => T): readonly [ms: number, made: T] {
  const from = threadMs();
  const made = act();
  return [threadMs() - from, made];
}
