/** A tree of many files whose contents compress a little, as source code and builds do. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES_A_FOLDER = 50;
const FOLDERS_A_FOLDER = 20;

export class SyntheticTree {
  readonly path: string;
  readonly #files: number;
  readonly #meanBytes: number;
  readonly #noise = Buffer.from(randomBytes(1_000_000).toString('base64'));
  #changes = 0;

  /** Makes it: files of half to one and a half times the mean size. */
  constructor(path: string, files: number, bytes: number) {
    this.path = path;
    this.#files = files;
    this.#meanBytes = bytes / files;
    for (let file = 0; file < files; file += 1) {
      if (file % FILES_A_FOLDER === 0) mkdirSync(this.#folderOf(file), { recursive: true });
      this.#write(file);
    }
  }

  /** Gives some of the files, spread over the tree, other contents. */
  change(count: number): void {
    this.#changes += 1;
    for (let index = 0; index < count; index += 1)
      this.#write(Math.floor((index * this.#files) / count) + (this.#changes % FILES_A_FOLDER));
  }

  #write(file: number): void {
    const size = Math.floor(this.#meanBytes * (0.5 + (file % 101) / 100));
    const start = (file * 7_919) % (this.#noise.length - size);
    const content = Buffer.from(this.#noise.subarray(start, start + size));
    content.write(`${file} ${this.#changes}\n`);
    writeFileSync(join(this.#folderOf(file), `file-${file}.txt`), content);
  }

  #folderOf(file: number): string {
    const folder = Math.floor(file / FILES_A_FOLDER);
    return join(
      this.path,
      `part-${Math.floor(folder / FOLDERS_A_FOLDER)}`,
      `folder-${folder % FOLDERS_A_FOLDER}`,
    );
  }
}
