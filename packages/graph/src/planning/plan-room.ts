/** The room of a plan: where its buffers and the rings of its delay lines lie, zeros to begin with. */
import { aligned } from "./arena.ts";
import type { Plan } from "./plan.ts";

/** What loops in whole vectors may touch behind a channel. */
const SPARE_BYTES = 64;
/** Between channels, so that neighbours do not share cache sets; a channel's flag lies in the last four (assembly/silence.ts). */
const STAGGER_BYTES = 192;

/** Where plans begin; the engine's own data ends before. */
export const BASE = 65_536;
const LARGEST_BYTES = 2 ** 32 - 65_536;

/** Addresses in bytes. */
export interface PlanRoom {
  readonly channelBytes: number;
  readonly strideBytes: number;
  /** Of the first channel of each buffer, and then of two rows of scratch. */
  readonly bufferAt: readonly number[];
  /** Of the rings of each line. */
  readonly ringAt: readonly number[];
  /** The first byte behind it. */
  readonly endAt: number;
}

/** Throws a RangeError for a plan that no memory of WebAssembly can hold. */
export function roomOf({ bufferWidths, lines }: Plan, maxFrames: number): PlanRoom {
  const channelBytes = (((maxFrames + 3) & ~3) << 2) + SPARE_BYTES;
  const strideBytes = channelBytes + STAGGER_BYTES;
  let end = BASE + SPARE_BYTES;
  const bufferAt = [...bufferWidths, 2].map((width) => {
    const at = end;
    end += width * strideBytes;
    return at;
  });
  const ringAt = lines.map(({ channels, delayFrames }) => {
    const at = aligned(end);
    end = at + (delayFrames + maxFrames) * channels * 4;
    return at;
  });
  const endAt = aligned(end);
  if (endAt > LARGEST_BYTES)
    throw new RangeError(
      `the plan needs ${Math.ceil(endAt / 2 ** 20)} MiB, WebAssembly has 4096: take smaller blocks than ${maxFrames} frames`,
    );
  return { channelBytes, strideBytes, bufferAt, ringAt, endAt };
}
