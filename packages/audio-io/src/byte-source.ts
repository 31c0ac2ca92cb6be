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
