// Random access to the bytes of a file, so that a reader never holds more of it than it needs.

import { open, stat } from "node:fs/promises";
import { InputError, inputErrorFrom } from "./file-errors.ts";

export type ByteSource = {
  /** Named in every error. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Bytes from `position`, fewer than `length` only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
};

/** @throws InputError when the path is missing, a directory, a device, empty, or not permitted. */
export async function openFile(path: string): Promise<ByteSource> {
  try {
    // Looked at before opening: to open a named pipe would wait for its writer.
    const status = await stat(path);
    if (status.isDirectory()) throw new InputError(path, "it is a directory");
    if (!status.isFile()) throw new InputError(path, "it is not a regular file");
    if (status.size === 0) throw new InputError(path, "the file is empty");
    const file = await open(path, "r");
    return {
      path,
      sizeBytes: status.size,
      async read(position, length) {
        const wanted = Math.max(0, Math.min(length, status.size - position));
        const bytes = new Uint8Array(wanted);
        let filled = 0;
        while (filled < wanted) {
          const { bytesRead } = await file.read(bytes, filled, wanted - filled, position + filled);
          if (bytesRead === 0) throw new InputError(path, "the file became shorter while it was read");
          filled += bytesRead;
        }
        return bytes;
      },
      close: () => file.close(),
    };
  } catch (cause) {
    throw inputErrorFrom(path, cause);
  }
}

/**
 * A file that is open from one read until the next pause: what waits for its turn, or is never wanted again, keeps none
 * of the few open files that a process may have.
 */
export class PausableFile {
  readonly #path: string;
  #source: ByteSource | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** As ByteSource.read(). @throws InputError also when the file has gone. */
  async read(position: number, length: number): Promise<Uint8Array> {
    this.#source ??= await openFile(this.#path);
    return reading(this.#path, this.#source.read(position, length));
  }

  async pause(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.close();
  }
}

/** Turns a failed system call into an InputError; anything that is not one is a fault of this code. */
export async function reading<T>(path: string, task: Promise<T>): Promise<T> {
  try {
    return await task;
  } catch (cause) {
    if (cause instanceof Error && "syscall" in cause) throw inputErrorFrom(path, cause);
    throw cause;
  }
}
