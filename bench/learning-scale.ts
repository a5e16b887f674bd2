/**
 * Time and memory of the learning engine over a long synthetic history: many programs, ever new arguments. With what the
 * product does beside it: the heap is kept lean as by the learner, a snapshot goes through the store. No flags of Node's.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FailureSession } from '../src/learning/failure/failure-session.ts';
import { readCommand, readSlots } from '../src/learning/shell/read-command.ts';
import { SlotSession } from '../src/learning/slots/slot-session.ts';
import { openLearning } from '../src/store/learning/open-learning.ts';
import { keepHeapLean } from '../src/tools/learning/lean-heap.ts';
import { type Models, newModels, savedModels } from '../src/tools/learning/models.ts';

const PROGRAMS = 400;
const SESSION_STEPS = 40;
const LIMIT = 5;
const TIMED_LAST = 20_000;
const VERSION = 'scale';
const REOPENED = fileURLToPath(new URL('learning-reopen.ts', import.meta.url));
const REOPENED_TIMES = 5;
const MIB = 2 ** 20;

export interface ScaleScore {
  readonly commands: number;
  /** Processor time of the whole process for one command, collecting garbage included. */
  readonly meanCpuMs: number;
  /** Of the last 20,000, by the clock: what else runs on the machine counts too. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Heap and tables; without garbage only where the process may collect it (`--expose-gc`). */
  readonly liveMiB: number;
  readonly residentMiB: number;
  /** The most that was resident at any time so far, the snapshot being saved included. */
  readonly residentMaxMiB: number;
  /** A snapshot is saved: all of it, and the longest that others had to wait meanwhile. */
  readonly saveMs: number;
  readonly saveWaitMs: number;
  /** It is read and restored by a process that has just started: the median of five. */
  readonly reopenMs: number;
}

/** Predicts and learns each command. */
export async function measureScale(commands: number): Promise<ScaleScore> {
  const models = newModels();
  const learn = learner(models);
  const times: number[] = [];
  const started = process.cpuUsage();
  for (let i = 0; i < commands; i += 1) {
    const from = performance.now();
    learn(i);
    if (i >= commands - TIMED_LAST) times.push(performance.now() - from);
    if (i % SESSION_STEPS === 0) keepHeapLean();
  }
  const { user, system } = process.cpuUsage(started);
  (globalThis as { readonly gc?: () => void }).gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  times.sort((a, b) => a - b);
  return {
    commands,
    meanCpuMs: (user + system) / 1000 / commands,
    p50Ms: times[Math.floor(times.length * 0.5)] ?? 0,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    maxMs: times.at(-1) ?? 0,
    liveMiB: (heapUsed + external) / MIB,
    residentMiB: rss / MIB,
    ...(await measureSnapshot(models)),
  };
}

/** Learns the command of that number, after a prediction. */
function learner({ commands: model, slots, failures }: Models): (at: number) => void {
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let [session, filled, outcomes] = [model.begin(), new SlotSession(), new FailureSession()];
  return (at) => {
    if (at % SESSION_STEPS === 0) {
      session = model.begin(`goal ${next(1000)} of project ${next(50)}`);
      [filled, outcomes] = [new SlotSession(), new FailureSession()];
    }
    const program = Math.floor(next(PROGRAMS) ** 2 / PROGRAMS);
    const command = `tool${program} run${next(6)} --flag${next(9)} src/file${next(1_000_000)}.ts ${next(1000)}`;
    const asked = { place: `dir${next(200)}`, intent: `check part ${next(5000)} with tool ${program}` };
    const exitCode = next(5) === 0 ? 1 : 0;
    model.predict(session, asked, LIMIT);
    model.learn(session, { ...asked, command, exitCode });
    failures.learn(outcomes, command, exitCode !== 0, asked.intent);
    const { stub, template } = readCommand(command);
    slots.learn(filled, { stub, template, ...readSlots(command), ...asked });
  };
}

async function measureSnapshot(
  models: Models,
): Promise<Pick<ScaleScore, 'residentMaxMiB' | 'saveMs' | 'saveWaitMs' | 'reopenMs'>> {
  const home = mkdtempSync(join(tmpdir(), 'belay-scale-'));
  const store = openLearning(home, Date.now);
  store.head();
  let [last, saveWaitMs] = [performance.now(), 0];
  const look = (): void => {
    saveWaitMs = Math.max(saveWaitMs, performance.now() - last);
    last = performance.now();
  };
  const timer = setInterval(look, 1);
  const savedFrom = last;
  await store.keepSnapshot(VERSION, 0, { position: 1, state: savedModels(models) });
  look();
  clearInterval(timer);
  const saveMs = performance.now() - savedFrom;
  const residentMaxMiB = process.resourceUsage().maxRSS / 1024;
  store.close();
  const reopened = Array.from({ length: REOPENED_TIMES }, () =>
    Number(execFileSync(process.execPath, [REOPENED, home, VERSION], { encoding: 'utf8' })),
  );
  rmSync(home, { recursive: true, force: true });
  const reopenMs = reopened.sort((a, b) => a - b)[Math.floor(REOPENED_TIMES / 2)] ?? 0;
  return { residentMaxMiB, saveMs, saveWaitMs, reopenMs };
}
