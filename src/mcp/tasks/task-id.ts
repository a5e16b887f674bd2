/**
 * Names of tasks. A task is a run, from the event on that a call has appended; its name says which, and carries a tag of
 * the data folder's key: nobody can guess one, and any process on the folder reads what another has given out.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { homeKey } from '../../store/home-key.ts';

export interface TaskRef {
  readonly runId: string;
  /** Sequence number of the event that began it: the run's creation, or the wish to take it back. */
  readonly from: number;
}

const FORM = /^(r-[a-z0-9-]{1,60})\.([1-9]\d{0,8})\.([A-Za-z0-9_-]{22})$/;
const TAG_BYTES = 16;

export class TaskIds {
  readonly #home: string;
  #key: Buffer | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  /** Throws a `StorageError` where there is no key and none can be made. */
  of(ref: TaskRef): string {
    return `${ref.runId}.${ref.from}.${this.#tag(ref).toString('base64url')}`;
  }

  /** Undefined for a name that was not given out here. */
  read(id: string): TaskRef | undefined {
    const [, runId = '', from = '', tag = ''] = FORM.exec(id) ?? [];
    if (tag === '') return undefined;
    const ref = { runId, from: Number(from) };
    const given = Buffer.from(tag, 'base64url');
    return given.length === TAG_BYTES && timingSafeEqual(given, this.#tag(ref)) ? ref : undefined;
  }

  #tag({ runId, from }: TaskRef): Buffer {
    this.#key ??= createHmac('sha256', homeKey(this.#home, 'request state')).update('task ids').digest();
    return createHmac('sha256', this.#key).update(`${runId}.${from}`).digest().subarray(0, TAG_BYTES);
  }
}
