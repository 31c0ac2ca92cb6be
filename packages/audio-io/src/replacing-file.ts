// A file that appears under its name complete or not at all: written to a temporary name beside it, then renamed.

import { realpath, stat } from "node:fs/promises";
import { OutputError, outputErrorFrom } from "./file-errors.ts";
import { TemporaryFile } from "./temporary-file.ts";

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
  readonly #file: TemporaryFile;
  readonly #force: boolean;
  #isOpen = true;

  private constructor(path: string, realPath: string, file: TemporaryFile, force: boolean) {
    this.path = path;
    this.#realPath = realPath;
    this.#file = file;
    this.#force = force;
  }

  /** @throws OutputError when `path` exists and `force` is false, is a directory, or its directory is not writable. */
  static async create(path: string, force: boolean): Promise<ReplacingFile> {
    try {
      await checkTarget(path, force);
      const realPath = await behindLinks(path);
      return new ReplacingFile(path, realPath, await TemporaryFile.create(realPath), force);
    } catch (cause) {
      throw outputErrorFrom(path, cause);
    }
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    await this.#guard(() => this.#file.write(bytes, position));
  }

  /** Flushes to the disk and takes the name. */
  async finish(): Promise<void> {
    await this.#guard(async () => {
      await this.#file.close();
      // Someone may have made the file meanwhile.
      await checkTarget(this.path, this.#force);
      await this.#file.moveTo(this.#realPath);
      this.#isOpen = false;
    });
  }

  /** Removes what was written. Does nothing after `finish`, a failure, or another `abort`. */
  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.remove();
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
