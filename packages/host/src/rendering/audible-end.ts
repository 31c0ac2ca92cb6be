/**
 * Where a render with a tail ends: with the song, or after it with the last frame that can be heard. What is quiet after
 * the song is held back until something is heard behind it; what is held back at the end is not part of the render.
 */
import type { Outputs, SoundWriter } from "./sound-ring.ts";

/** What is quieter than this at the end of a tail is not kept: -100 dBFS. */
const INAUDIBLE = 1e-5;

export class AudibleEnd {
  readonly #writer: SoundWriter;
  /** Where sound waits to be judged while what came before it is held back. */
  readonly #waiting: Outputs;
  #held: { readonly sound: Outputs; readonly frames: number }[] = [];
  #heldFrames = 0;
  #sent = 0;

  /** `waiting` has the shape of a slot of `writer`. */
  constructor(writer: SoundWriter, waiting: Outputs) {
    this.#writer = writer;
    this.#waiting = waiting;
  }

  /** Frames that were sent: how long the render is. */
  get frames(): number {
    return this.#sent;
  }

  /** Where the next chunk is to be written to. */
  place(): Outputs {
    return this.#held.length === 0 ? this.#writer.next() : this.#waiting;
  }

  /** `frames` frames have been written to place(). Frames before `songFrames` belong to the song, heard or not. */
  written(frames: number, songFrames: number): void {
    const sound = this.place();
    const at = this.#sent + this.#heldFrames;
    let end = Math.max(0, Math.min(frames, songFrames - at));
    for (let i = frames - 1; i >= end; i--) {
      if (!isHeard(sound, i)) continue;
      end = i + 1;
      break;
    }
    const quiet = frames > end ? copied(sound, end, frames) : undefined;
    if (end > 0) {
      if (this.#held.length > 0) {
        for (const held of this.#held) this.#copy(held.sound, held.frames);
        this.#held = [];
        this.#heldFrames = 0;
        this.#copy(sound, end);
      } else this.#send(end);
    }
    if (!quiet) return;
    this.#held.push({ sound: quiet, frames: frames - end });
    this.#heldFrames += frames - end;
  }

  #copy(sound: Outputs, frames: number): void {
    for (const [id, channels] of this.#writer.next())
      for (const [c, channel] of channels.entries()) channel.set(sound.get(id)![c].subarray(0, frames));
    this.#send(frames);
  }

  #send(frames: number): void {
    this.#writer.send(frames);
    this.#sent += frames;
  }
}

function isHeard(sound: Outputs, frame: number): boolean {
  for (const channels of sound.values())
    for (const channel of channels) if (Math.abs(channel[frame]) > INAUDIBLE) return true;
  return false;
}

function copied(sound: Outputs, from: number, to: number): Outputs {
  return new Map(
    [...sound].map(([id, channels]) => [id, channels.map((channel) => channel.slice(from, to))]),
  );
}
