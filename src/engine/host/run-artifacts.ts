/**
 * Stores what the steps of one driven run hand out, beside the driver's turns: after an attempt has ended well and before
 * the journal says so. A host that dies in between has stored bytes that nothing refers to; the next one stores anew.
 * 1. Files of one result are stored one after the other, and all of them or the result is a failure.
 */
import type { ArtifactNote } from '../core/artifact.ts';
import { err, type Failure, ok } from '../core/failure.ts';
import type { ArtifactIntake } from '../core/ports.ts';
import type { NamedWish, StoredArtifacts } from './artifact-wishes.ts';

export class RunArtifacts {
  readonly #intake: ArtifactIntake;
  readonly #wake: () => void;
  /** By the attempt's number, so that one may be given up. */
  readonly #underWay = new Map<number, AbortController>();
  /** By the name under which it was asked for; undefined while it is under way. */
  readonly #held = new Map<string, StoredArtifacts | undefined>();
  readonly #left = new AbortController();

  /** @param wake what was asked for by name is there */
  constructor(intake: ArtifactIntake, wake: () => void) {
    this.#intake = intake;
    this.#wake = wake;
  }

  get busy(): boolean {
    return [...this.#held.values()].some((stored) => stored === undefined);
  }

  /** Of an attempt that has ended; undefined: nobody waits for the answer any more. */
  async store(seq: number, wishes: readonly NamedWish[]): Promise<StoredArtifacts | undefined> {
    const abort = new AbortController();
    this.#underWay.set(seq, abort);
    try {
      const stored = await this.#all(wishes, AbortSignal.any([abort.signal, this.#left.signal]));
      return this.#left.signal.aborted ? undefined : stored;
    } finally {
      this.#underWay.delete(seq);
    }
  }

  /** Gives up what the attempt has under way. */
  stop(seq: number): void {
    this.#underWay.get(seq)?.abort();
  }

  /** Of a result that comes from no process and no call: asked for by name, it is there at a later turn. */
  hold(name: string, wishes: readonly NamedWish[]): void {
    if (this.#held.has(name)) return;
    this.#held.set(name, undefined);
    void this.#all(wishes, this.#left.signal).then((stored) => {
      if (this.#left.signal.aborted) return;
      this.#held.set(name, stored);
      this.#wake();
    });
  }

  /** What was held under the name, for one use. */
  take(name: string): StoredArtifacts | undefined {
    const stored = this.#held.get(name);
    if (stored) this.#held.delete(name);
    return stored;
  }

  leave(): void {
    this.#left.abort();
  }

  async #all(wishes: readonly NamedWish[], signal: AbortSignal): Promise<StoredArtifacts> {
    const notes = new Map<string, ArtifactNote>();
    const warnings: string[] = [];
    for (const { output, name, path, spec, about, places, workspace } of wishes) {
      const kept = await this.#intake.keep({ about, places, workspace, signal }).catch(broken(about));
      if (!kept.ok) return kept;
      const { sha256, size, mediaType, files } = kept.value;
      warnings.push(...kept.value.warnings);
      notes.set(output, {
        name,
        path,
        sha256,
        size,
        media_type: spec.mediaType ?? mediaType,
        ...(spec.tags && { tags: spec.tags }),
        ...(spec.pin && { pin: spec.pin }),
        ...(files !== undefined && { files }),
      });
    }
    return ok({ notes, warnings });
  }
}

/** The intake answers with failures; what it throws is a bug, and the step must not wait for ever. */
const broken = (about: string) => (error: unknown) =>
  err<Failure>({
    code: 'artifact_failed',
    retry: 'final',
    message: `${about}: ${error instanceof Error ? error.message : String(error)}`,
  });
