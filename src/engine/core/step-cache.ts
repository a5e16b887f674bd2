/**
 * The port of what keeps results of steps for later runs. The store implements it; the host asks it before a step starts
 * and gives it what came of the step.
 * 1. One holder at a time makes the result of a key; a lease that is not renewed ends by itself.
 * 2. Whatever it has may be gone the next moment: nobody relies on more than the answer in hand.
 */
import type { StepCached, StepKey } from './events.ts';
import type { Result } from './failure.ts';
import type { CacheScope } from './model.ts';

/** What of a step's end stands for another one; what it handed out is stored anew from the files that come back. */
export type CachedResult = Pick<StepCached, 'outputs' | 'exit_code' | 'stdout' | 'stderr'>;

/** A file or a link that a step has left. */
export interface CachedFile {
  /** From the directory of the run. */
  readonly path: string;
  /** Permissions; absent for links. */
  readonly mode?: number;
  readonly size: number;
  /** Of its bytes; hex. Absent for links. */
  readonly sha256?: string;
  /** What a link says. */
  readonly link?: string;
}

export interface CacheHit {
  readonly key: string;
  readonly result: CachedResult;
  readonly files: readonly CachedFile[];
  readonly from: { readonly run: string; readonly step: StepKey };
  /** What the step took. */
  readonly tookMs?: number;
}

/** Who asks for a key, or holds it: a step of a run, whichever host drives it. */
export interface CacheHolder {
  readonly key: string;
  readonly holder: string;
  readonly nowMs: number;
}

export interface CacheEntry {
  readonly key: string;
  readonly scope: CacheScope;
  /** The directory of the project, or the run; '' for the user. */
  readonly place: string;
  readonly workflow: string;
  /** Id of the step in its definition. */
  readonly step: string;
  /** The key as its author wrote it, rendered; absent for one that Belay makes. */
  readonly label?: string;
  readonly tags: readonly string[];
  readonly result: CachedResult;
  readonly files: readonly CachedFile[];
  readonly from: { readonly run: string; readonly step: StepKey };
  readonly tookMs?: number;
  readonly ttlMs: number;
  readonly nowMs: number;
}

export interface CaptureRequest {
  /** Absolute; nothing outside of it is taken. */
  readonly root: string;
  /** Relative; a folder means everything in it. Each has to match something. */
  readonly patterns: readonly string[];
  /** May match nothing. */
  readonly optional?: readonly string[];
  /** Values that no file may hold. */
  readonly secrets: readonly string[];
}

/** Methods throw where the storage fails: whoever asks goes on without. */
export interface StepCache {
  /** A digest that says nothing about the text to whoever has not got the key of the data folder. */
  keyOf(text: string): string;
  /** One digest over the names and bytes of all files that match; `Result` is why there is none. */
  hashFiles(root: string, patterns: readonly string[]): Promise<Result<string, string>>;
  /** A hit; else the key is `ours` to make, or somebody else's at the moment. */
  find(
    ask: CacheHolder,
  ): { readonly kind: 'hit'; readonly hit: CacheHit } | { readonly kind: 'ours' | 'taken' };
  /** Somebody else is still at it. */
  isTaken(ask: CacheHolder): boolean;
  /** The holder is still at it, for each of these keys. */
  renew(holds: readonly CacheHolder[]): void;
  /** The holder makes it no more. */
  release(hold: Pick<CacheHolder, 'key' | 'holder'>): void;
  /** Keeps a result in place of what was there; what was asked for longest ago makes room. False: its files are gone. */
  put(entry: CacheEntry): boolean;
  /** Not to be had any more. */
  drop(key: string): void;
  /** Stores the files as they are; `Result` is why they cannot be kept. */
  capture(request: CaptureRequest): Promise<Result<readonly CachedFile[], string>>;
  /** All of them are in place as they were kept. */
  areThere(files: readonly CachedFile[], root: string): Promise<boolean>;
  /** All of them or, but for a disk that fails half way, none; `Result` is why. What is there already is left alone. */
  bringBack(files: readonly CachedFile[], root: string, signal: AbortSignal): Promise<Result<number, string>>;
}
