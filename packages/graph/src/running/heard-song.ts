/**
 * What the plugin that is being called hears of the song. The engine knows it, since it knows which jumps of the song have
 * arrived there (assembly/song.ts), and leaves it in its memory. [audio thread]
 */
import type { Transport } from "@gainstage/plugin-api";
import type { SongClock } from "./song-clock.ts";

export class HeardSong {
  /** frame, playing, loop start and end in frames */
  readonly #fields: Float64Array;

  /** `fields` is a view of the engine's memory, good for as long as a plan lies in it. */
  constructor(fields: Float64Array) {
    this.#fields = fields;
  }

  /** The song's frame at the first one of the call. */
  get frame(): number {
    return this.#fields[0];
  }

  /** At a frame of the song within the call: the clock's object. */
  transportAt(clock: SongClock, frame: number): Transport {
    clock.setState(this.#fields[1] === 1, this.#fields[2], this.#fields[3]);
    return clock.at(frame);
  }
}
