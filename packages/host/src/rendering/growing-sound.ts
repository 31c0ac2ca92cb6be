/** The sound of a render that is kept whole, though nobody knows beforehand how long it will be. */
import { sharedChannel } from "./shared-channel.ts";
import { type Outputs, part } from "./sound-ring.ts";

const FIRST_SECONDS = 60;

export class GrowingSound {
  readonly #firstFrames: number;
  readonly #channels = new Map<string, Float32Array[]>();
  #frames = 0;

  constructor(sampleRateHz: number) {
    this.#firstFrames = Math.ceil(FIRST_SECONDS * sampleRateHz);
  }

  /** [channel], as long as what was appended. */
  get outputs(): Outputs {
    return part(this.#channels, 0, this.#frames);
  }

  /** Tells the shape of the outputs; to do so again, for a render that is made again, changes nothing. */
  readonly begin = (outputs: Outputs): void => {
    for (const [id, channels] of outputs) {
      if (this.#channels.has(id)) continue;
      this.#channels.set(
        id,
        channels.map(() => sharedChannel(this.#firstFrames)),
      );
    }
  };

  readonly append = (outputs: Outputs, frames: number): void => {
    for (const [id, channels] of outputs) {
      const kept = this.#channels.get(id)!;
      for (const [c, channel] of channels.entries()) {
        if (this.#frames + frames > kept[c].length) kept[c] = grown(kept[c], this.#frames + frames);
        kept[c].set(channel, this.#frames);
      }
    }
    this.#frames += frames;
  };
}

function grown(channel: Float32Array, frames: number): Float32Array {
  const larger = sharedChannel(Math.max(frames, 2 * channel.length));
  larger.set(channel);
  return larger;
}
