/** The sources of a render on a thread that plays them: whole recordings, and rings that are being filled. */
import type { JobSource } from "./render-job.ts";
import { copyShared } from "./shared-channel.ts";
import { SourceRingReader } from "./source-ring.ts";

export class RenderSources {
  readonly #whole = new Map<string, readonly Float32Array[]>();
  readonly #rings = new Map<string, SourceRingReader>();
  /** Rings that no thread plays: read past, for their length. */
  readonly #unheard: readonly SourceRingReader[];
  readonly #sourceFrames: number;

  /** Silent from `sourceFrames` on. `isHeard` tells whether any thread plays the source of an input. */
  constructor(
    sources: ReadonlyMap<string, JobSource>,
    sourceFrames: number,
    isHeard: (input: string) => boolean = () => true,
  ) {
    const unheard: SourceRingReader[] = [];
    for (const [id, source] of sources) {
      if (!("clock" in source)) {
        this.#whole.set(id, source);
        continue;
      }
      const reader = new SourceRingReader(source);
      this.#rings.set(id, reader);
      if (!isHeard(id)) unheard.push(reader);
    }
    this.#unheard = unheard;
    this.#sourceFrames = sourceFrames;
  }

  /** Writes a block to an input, if it has a source; `at` rises from call to call. */
  feed(input: string, channels: readonly Float32Array[], at: number, frames: number): void {
    const whole = this.#whole.get(input);
    if (whole) feed(channels, whole, at, frames, this.#sourceFrames);
    else this.#rings.get(input)?.read(channels, at, frames, this.#sourceFrames);
  }

  /** Blocks until it is known of every source whether it goes on beyond `frame`. */
  waitFor(frame: number): void {
    for (const ring of this.#rings.values()) ring.waitFor(frame + 1);
    for (const ring of this.#unheard) ring.release(frame);
  }

  /** Frame after which every source is silent; Infinity as long as that is not known. */
  get endFrame(): number {
    if (this.leastFrames >= this.#sourceFrames) return this.#sourceFrames;
    return Math.max(this.#longestWhole, ...[...this.#rings.values()].map((ring) => ring.endFrame));
  }

  /** What is known of the longest source: it has at least so many frames. */
  get leastFrames(): number {
    const least = [...this.#rings.values()].map((ring) => ring.leastFrames);
    return Math.min(this.#sourceFrames, Math.max(this.#longestWhole, ...least));
  }

  get #longestWhole(): number {
    let longest = 0;
    for (const channels of this.#whole.values())
      for (const channel of channels) longest = Math.max(longest, channel.length);
    return longest;
  }
}

/** Writes a block of a source to an input; beyond its end, or `sourceFrames`, there is silence. */
function feed(
  channels: readonly Float32Array[],
  source: readonly Float32Array[],
  at: number,
  frames: number,
  sourceFrames: number,
): void {
  for (let c = 0; c < channels.length; c++) {
    const from = source[Math.min(c, source.length - 1)];
    const has = Math.max(0, Math.min(frames, from.length - at, sourceFrames - at));
    if (has > 0) copyShared(channels[c], 0, from, at, has);
    if (has < frames) channels[c].fill(0, has, frames);
  }
}
