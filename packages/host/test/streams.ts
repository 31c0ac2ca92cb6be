/** Recordings that are read on the way, and what became of their streams. */
import type { StreamedSource } from "../src/index.ts";

/** As whole recordings of these channels, given `mostFrames` at a time. */
export class StreamedRecording implements StreamedSource {
  readonly channels: number;
  readonly frames: number | undefined;
  readonly likelyFrames: number;
  opened = 0;
  closed = 0;
  readonly #recording: readonly Float32Array[];
  readonly #mostFrames: number;
  readonly #failsAt: number;

  constructor(
    recording: readonly Float32Array[],
    {
      mostFrames = Number.POSITIVE_INFINITY,
      tellsLength = false,
      failsAt = Number.POSITIVE_INFINITY,
    }: { mostFrames?: number; tellsLength?: boolean; failsAt?: number } = {},
  ) {
    this.#recording = recording;
    this.#mostFrames = mostFrames;
    this.#failsAt = failsAt;
    this.channels = recording.length;
    this.likelyFrames = recording[0].length;
    this.frames = tellsLength ? recording[0].length : undefined;
  }

  async open() {
    this.opened++;
    let at = 0;
    return {
      read: async (into: readonly Float32Array[], frames: number) => {
        await new Promise(setImmediate);
        if (at >= this.#failsAt) throw new Error("the disk is on fire");
        const count = Math.min(frames, this.#mostFrames, this.#recording[0].length - at);
        for (const [c, channel] of into.entries()) channel.set(this.#recording[c].subarray(at, at + count));
        at += count;
        return count;
      },
      close: async () => {
        this.closed++;
      },
    };
  }
}
