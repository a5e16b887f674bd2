/** The few sftp requests that moving files needs, as promises. Owns no rule about paths. */
import type { FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import type { Lease } from './connection-pool.ts';

/** Its request failed there, or the connection was lost (`isLost`). */
export class SftpError extends Error {
  readonly isLost: boolean;
  readonly isMissing: boolean;

  constructor(error: Error & { readonly code?: unknown }) {
    super(typeof error.code === 'number' ? error.message.toLowerCase() : error.message);
    this.isMissing = error.code === 2;
    // what the server answers with has a number; what the disk here does has a name
    this.isLost = error.code === undefined || error.code === 6 || error.code === 7;
  }
}

type Done<T> = (error: Error | null | undefined, value: T) => void;

export class SftpSession {
  readonly #sftp: SFTPWrapper;
  readonly #gone: AbortSignal;

  private constructor(sftp: SFTPWrapper, gone: AbortSignal) {
    this.#sftp = sftp;
    // a request that is begun while the session closes is never answered
    const closed = new AbortController();
    sftp.on('close', () => closed.abort());
    sftp.on('error', () => {});
    this.#gone = AbortSignal.any([gone, closed.signal]);
  }

  static async open({ connection: { client, gone } }: Lease): Promise<SftpSession> {
    const sftp = await promised<SFTPWrapper>(gone, (done) =>
      client.sftp(done as Parameters<typeof client.sftp>[0]),
    );
    return new SftpSession(sftp, gone);
  }

  /** Whatever is under way fails. */
  close(): void {
    this.#sftp.end();
  }

  stat(path: string): Promise<Stats> {
    return promised(this.#gone, (done) => this.#sftp.stat(path, done));
  }

  list(path: string): Promise<readonly FileEntryWithStats[]> {
    return promised(this.#gone, (done) => this.#sftp.readdir(path, done));
  }

  /** With the folders above it; one that is there already is fine. */
  async makeFolder(path: string): Promise<void> {
    const found = await this.stat(path).catch((error: SftpError) => {
      if (error.isMissing) return undefined;
      throw error;
    });
    if (found?.isDirectory()) return;
    if (found) throw new SftpError(Object.assign(new Error(`\`${path}\` is no folder`), { code: 4 }));
    const above = path.replace(/\/+$/, '').replace(/\/?[^/]*$/, '');
    if (above !== '') await this.makeFolder(above);
    // somebody else may have made it meanwhile
    await promised(this.#gone, (done) => this.#sftp.mkdir(path, done)).catch(async (error) => {
      if (!(await this.stat(path)).isDirectory()) throw error;
    });
  }

  put(here: string, there: string, mode: number): Promise<void> {
    return promised(this.#gone, (done) => this.#sftp.fastPut(here, there, { mode }, done as Done<void>));
  }

  /** @param bytesMax it is given up when the file is larger by now */
  get(there: string, here: string, bytesMax: number): Promise<void> {
    return promised(this.#gone, (done) => {
      const step = (_total: number, _bytes: number, size: number) => {
        if (size > bytesMax) this.close();
      };
      this.#sftp.fastGet(there, here, { step }, done as Done<void>);
    });
  }

  chmod(path: string, mode: number): Promise<void> {
    return promised(this.#gone, (done) => this.#sftp.chmod(path, mode, done as Done<void>));
  }

  /** In the place of what is there. Servers without OpenSSH's rename need the old one removed before. */
  async replace(from: string, to: string): Promise<void> {
    try {
      await promised(this.#gone, (done) => this.#sftp.ext_openssh_rename(from, to, done as Done<void>));
    } catch (error) {
      if (!/does not support/i.test((error as Error).message)) throw error;
      await this.remove(to).catch(() => {});
      await promised(this.#gone, (done) => this.#sftp.rename(from, to, done as Done<void>));
    }
  }

  remove(path: string): Promise<void> {
    return promised(this.#gone, (done) => this.#sftp.unlink(path, done as Done<void>));
  }
}

/** Rejects with an `SftpError`, also when the connection goes: not every request is told so. */
function promised<T = void>(gone: AbortSignal, begin: (done: Done<T>) => void): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const fail = (error: unknown) => reject(new SftpError(error as Error));
  const onGone = () => fail(new Error('the connection was lost'));
  gone.addEventListener('abort', onGone, { once: true });
  try {
    if (gone.aborted) onGone();
    else begin((error, value) => (error ? fail(error) : resolve(value)));
  } catch (error) {
    fail(error);
  }
  return promise.finally(() => gone.removeEventListener('abort', onGone));
}
