/** Where the files of a plugin are. Nothing here runs or compiles any of them. */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { plainPath } from "./content-hash.ts";

/** All files of a plugin together. */
export const MAX_PACKAGE_BYTES: number = 64 * 1024 * 1024;

export interface PluginSource {
  readonly kind: "folder" | "archive";
  /** For people: the path of the folder, or of the archive. */
  readonly place: string;
  /**
   * The bytes of a file by its path with "/"; undefined where there is none. Throws an Error that says why it cannot be
   * read, also for one of more than `maxBytes`.
   */
  read(path: string, maxBytes: number): Uint8Array<ArrayBuffer> | undefined;
}

/** A folder on this machine. What leads out of it by a link is not read. */
export class FolderSource implements PluginSource {
  readonly kind = "folder";
  readonly place: string;

  constructor(folder: string) {
    this.place = folder;
  }

  read(path: string, maxBytes: number): Uint8Array<ArrayBuffer> | undefined {
    let file: string;
    try {
      file = realpathSync(join(this.place, path));
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
      throw error;
    }
    if (!isWithin(realpathSync(this.place), file))
      throw new Error(`${path} leads out of the plugin's folder`);
    // Without blocking, since opening a named pipe would wait for ever.
    const handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = fstatSync(handle);
      if (!stat.isFile()) throw new Error(`${path} is not a file`);
      if (stat.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
      const bytes = new Uint8Array(stat.size);
      let at = 0;
      while (at < bytes.length) {
        const count = readSync(handle, bytes, at, bytes.length - at, at);
        if (count === 0) throw new Error(`${path} became shorter while it was read`);
        at += count;
      }
      return bytes;
    } finally {
      closeSync(handle);
    }
  }
}

/** An archive that was unpacked in memory, or a folder within it. */
export class ArchiveSource implements PluginSource {
  readonly kind = "archive";
  readonly place: string;
  readonly #files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly #folder: string;

  /** `folder` is a path within the archive, "" for all of it. */
  constructor(place: string, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, folder = "") {
    this.place = place;
    this.#files = files;
    this.#folder = folder;
  }

  read(path: string, maxBytes: number): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.#files.get(
      this.#folder === "" ? plainPath(path) : `${this.#folder}/${plainPath(path)}`,
    );
    if (bytes && bytes.length > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    return bytes;
  }
}

/** True for a file or folder in `folder`, and for `folder` itself. Both without links in them. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
