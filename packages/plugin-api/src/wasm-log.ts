/**
 * "log/1" of a wasm plugin: a ring of bytes in its memory. Each message is a letter (D, I, W, E), UTF-8 text and a
 * line feed; the host reads what is new after every call on the control thread.
 */
import type { LogExtension } from "./plugin.ts";

const LEVELS = { D: "debug", I: "info", W: "warn", E: "error" } as const;
const LARGEST_RING_BYTES = 65_536;

/** `area` is the address of four words: ring address, capacity in bytes, bytes ever written, bytes ever read. */
export function readLog(buffer: ArrayBuffer, area: number, log: LogExtension): void {
  const words = new Uint32Array(buffer, area, 4);
  const [ring, capacity, written, read] = words;
  if (capacity === 0 || capacity > LARGEST_RING_BYTES) return;
  const bytes = new Uint8Array(buffer, ring, capacity);
  // What was overwritten before it was read is lost.
  const count = Math.min((written - read) >>> 0, capacity);
  const fresh = Uint8Array.from({ length: count }, (_, i) => bytes[(written - count + i) % capacity]);
  words[3] = written;
  for (const line of new TextDecoder().decode(fresh).split("\n")) {
    if (line === "") continue;
    const level = Object.hasOwn(LEVELS, line[0]) ? LEVELS[line[0] as keyof typeof LEVELS] : undefined;
    log.log(level ?? "info", level ? line.slice(1) : line);
  }
}
