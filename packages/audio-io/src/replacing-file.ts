// A file that appears under its name complete or not at all: written to a temporary name beside it, then renamed.

import { rmSync } from "node:fs";
import { type FileHandle, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { OutputError, outputErrorFrom } from "./file-errors.ts";

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

/** Where the bytes go: a symbolic link keeps its place, and what it points to is replaced. */
async function behindLinks(path: string): Promise<string> {
  return realpath(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return path;
    throw cause;
  });
}

async function checkTarget(path: string, force: boolean): Promise<void> {
  const status = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw cause;
  });
  if (status?.isDirectory()) throw new OutputError(path, "it is a directory");
  // To rename over a device would replace the device itself.
  if (status !== undefined && !status.isFile()) throw new OutputError(path, "it is not a regular file");
  if (status !== undefined && !force) throw new OutputError(path, "it exists already; force replaces it");
}

/** Every failure is an OutputError, after which neither the temporary file nor the open handle is left. */
export class ReplacingFile {
  readonly path: string;
  readonly #realPath: string;
  readonly #temporaryPath: string;
  readonly #file: FileHandle;
  readonly #force: boolean;
  #isOpen = true;

  private constructor(
    path: string,
    realPath: string,
    temporaryPath: string,
    file: FileHandle,
    force: boolean,
  ) {
    this.path = path;
    this.#realPath = realPath;
    this.#temporaryPath = temporaryPath;
    this.#file = file;
    this.#force = force;
  }

  /** @throws OutputError when `path` exists and `force` is false, is a directory, or its directory is not writable. */
  static async create(path: string, force: boolean): Promise<ReplacingFile> {
    try {
      await checkTarget(path, force);
      const realPath = await behindLinks(path);
      const temporaryPath = temporaryName(realPath);
      const file = await open(temporaryPath, "wx");
      if (unfinished.size === 0) process.once("exit", removeUnfinished);
      unfinished.add(temporaryPath);
      return new ReplacingFile(path, realPath, temporaryPath, file, force);
    } catch (cause) {
      throw outputErrorFrom(path, cause);
    }
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    await this.#guard(async () => {
      let written = 0;
      while (written < bytes.length) {
        const part = await this.#file.write(bytes, written, bytes.length - written, position + written);
        written += part.bytesWritten;
      }
    });
  }

  /** Flushes to the disk and takes the name. */
  async finish(): Promise<void> {
    await this.#guard(async () => {
      await this.#file.sync();
      await this.#file.close();
      // Someone may have made the file meanwhile.
      await checkTarget(this.path, this.#force);
      await rename(this.#temporaryPath, this.#realPath);
      this.#isOpen = false;
      this.#forget();
    });
  }

  /** Removes what was written. Does nothing after `finish`, a failure, or another `abort`. */
  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.close().catch(() => {});
    await unlink(this.#temporaryPath).catch(() => {});
    this.#forget();
  }

  #forget(): void {
    unfinished.delete(this.#temporaryPath);
    if (unfinished.size === 0) process.off("exit", removeUnfinished);
  }

  async #guard(task: () => Promise<void>): Promise<void> {
    if (!this.#isOpen) throw new OutputError(this.path, "it is finished or aborted already");
    try {
      await task();
    } catch (cause) {
      await this.abort();
      throw outputErrorFrom(this.path, cause);
    }
  }
}
