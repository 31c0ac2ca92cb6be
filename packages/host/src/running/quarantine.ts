/**
 * Plugins that are not loaded any more because they failed, by the hash of their content, kept from run to run.
 *
 * One JSON file for all processes: {"quarantined": [{hash, id, version, why, when}]}. Whoever changes it holds a lock
 * file beside it, reads it anew, and puts a new file in its place.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { idsOf } from "../reading/short-names.ts";
import type { NodeCode } from "./resolve-plugins.ts";

export interface QuarantineEntry {
  /** Of the package's content, see content-hash.ts. */
  readonly hash: string;
  readonly id: string;
  readonly version: string;
  /** What it did: "trap", "hang". */
  readonly why: string;
  /** ISO 8601. */
  readonly when: string;
}

const RETRY_MS = 5;
/** Changing the file takes milliseconds: who holds the lock longer has died. */
const STALE_MS = 5000;
const GIVE_UP_MS = 3 * STALE_MS;

/** Puts the code of a plugin into quarantine, if there is one. */
export function condemn(
  code: NodeCode,
  why: "trap" | "hang",
  quarantine: Pick<Quarantine, "add"> | undefined,
): void {
  if ("placeholder" in code) return;
  const { id, version } = code.manifest;
  try {
    quarantine?.add({ hash: code.hash, id, version, why, when: new Date().toISOString() });
  } catch {
    // Whoever may not write the list can still make music.
  }
}

export class Quarantine {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Oldest first. Empty where there is no file, or none that can be read. */
  get entries(): readonly QuarantineEntry[] {
    try {
      return this.#read() ?? [];
    } catch {
      // Whoever may not read it can still make music.
      return [];
    }
  }

  /** True where the file holds something else. The next change keeps it under another name and begins anew. */
  get isBroken(): boolean {
    try {
      return this.#read() === undefined;
    } catch {
      return true;
    }
  }

  has(hash: string): boolean {
    return this.entries.some((entry) => entry.hash === hash);
  }

  /** Does nothing for a hash that is in it. Throws an Error where the file cannot be written. */
  add(entry: QuarantineEntry): void {
    this.#change((entries) => (entries.some((e) => e.hash === entry.hash) ? entries : [...entries, entry]));
  }

  /** Lets go whatever has this id or hash, and returns it. Throws an Error where the file cannot be written. */
  release(idOrHash: string): readonly QuarantineEntry[] {
    const ids = idsOf(idOrHash);
    let released: readonly QuarantineEntry[] = [];
    const isMeant = (entry: QuarantineEntry) => entry.hash === idOrHash || ids.includes(entry.id);
    if (!this.entries.some(isMeant)) return released;
    this.#change((entries) => {
      released = entries.filter(isMeant);
      return entries.filter((entry) => !isMeant(entry));
    });
    return released;
  }

  #change(change: (entries: readonly QuarantineEntry[]) => readonly QuarantineEntry[]): void {
    mkdirSync(dirname(this.path), { recursive: true });
    const unlock = lock(`${this.path}.lock`);
    try {
      const entries = this.#read();
      // A file that somebody broke is kept for him to look at.
      if (!entries) renameSync(this.path, `${this.path}.broken-${Date.now()}`);
      const fresh = `${this.path}.${process.pid}`;
      writeFileSync(fresh, `${JSON.stringify({ quarantined: change(entries ?? []) }, null, 2)}\n`);
      renameSync(fresh, this.path);
    } finally {
      unlock();
    }
  }

  /** Undefined where the file is there and holds something else. */
  #read(): readonly QuarantineEntry[] | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
    try {
      const { quarantined } = JSON.parse(text);
      return Array.isArray(quarantined) && quarantined.every(isEntry) ? quarantined : undefined;
    } catch {
      return undefined;
    }
  }
}

function isEntry(value: unknown): value is QuarantineEntry {
  const entry = (value ?? {}) as Record<string, unknown>;
  return ["hash", "id", "version", "why", "when"].every((key) => typeof entry[key] === "string");
}

/** Waits until this process alone has the lock file; returns what gives it back. */
function lock(path: string): () => void {
  for (const begun = performance.now(); ; ) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Windows says EPERM while the holder is removing it.
      const taken = code === "EEXIST" || (code === "EPERM" && process.platform === "win32");
      if (!taken || performance.now() - begun > GIVE_UP_MS) throw error;
    }
    if (ageMs(path) > STALE_MS) rmSync(path, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
  }
}

function ageMs(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
