// A file under a temporary name beside another, which is gone when the process ends, unless it takes a name before.

import { rmSync } from "node:fs";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Tells temporary names of one process apart. */
let opened = 0;

/** What a process that ends in the middle of its work (a second Ctrl+C) must still remove. */
const unfinished = new Set<string>();

function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}

/** Hidden, and no longer than file systems allow however long the name is. */
function temporaryName(path: string): string {
  const start = Array.from(basename(path)).slice(0, 40).join("");
  return join(dirname(path), `.${start}.${process.pid}-${opened++}.part`);
}

/** Throws what the file system does; the caller knows what the file is for, and says so. */
export class TemporaryFile {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(beside: string): Promise<TemporaryFile> {
    const path = temporaryName(beside);
    const file = await open(path, "wx+");
    if (unfinished.size === 0) process.once("exit", removeUnfinished);
    unfinished.add(path);
    return new TemporaryFile(path, file);
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const part = await this.#file.write(bytes, written, bytes.length - written, position + written);
      written += part.bytesWritten;
    }
  }

  /** Fills `bytes` from `position` on; all of it has been written before. */
  async read(bytes: Uint8Array, position: number): Promise<void> {
    let read = 0;
    while (read < bytes.length) {
      const part = await this.#file.read(bytes, read, bytes.length - read, position + read);
      if (part.bytesRead === 0) throw new Error(`${this.#path} became shorter while it was read`);
      read += part.bytesRead;
    }
  }

  /** Flushes to the disk and closes; then only moveTo() and remove() may follow. */
  async close(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }

  async moveTo(path: string): Promise<void> {
    await rename(this.#path, path);
    this.#forget();
  }

  /** Never throws. */
  async remove(): Promise<void> {
    await this.#file.close().catch(() => {});
    await unlink(this.#path).catch(() => {});
    this.#forget();
  }

  #forget(): void {
    unfinished.delete(this.#path);
    if (unfinished.size === 0) process.off("exit", removeUnfinished);
  }
}
