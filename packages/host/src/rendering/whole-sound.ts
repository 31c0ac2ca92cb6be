/** The sound of a render that is kept whole, on shared memory that the render thread writes and the asking thread reads. */
import { sharedChannel } from "./shared-channel.ts";
import { type Outputs, part, type SoundWriter } from "./sound-ring.ts";

export class WholeSound implements SoundWriter {
  readonly #outputs: Outputs;
  readonly #slotFrames: number;
  #frames = 0;

  /** For outputs of the shape of `outputs`, at most `mostFrames` long. */
  constructor(outputs: Outputs, mostFrames: number, slotFrames: number) {
    this.#outputs = new Map(
      [...outputs].map(([id, channels]) => [id, channels.map(() => sharedChannel(mostFrames))]),
    );
    this.#slotFrames = slotFrames;
  }

  /** [channel], as long as what was sent. */
  get outputs(): Outputs {
    return part(this.#outputs, 0, this.#frames);
  }

  next(): Outputs {
    return part(this.#outputs, this.#frames, this.#slotFrames);
  }

  send(frames: number): void {
    this.#frames += frames;
  }
}
