/**
 * Whether a plugin may be left alone: not called, and its output zeros, without a bit of difference.
 *
 * At a call in which every input was +0 to the end, the plugin said that nothing is left, and put out +0 alone; and it had
 * said so before that call too. So the call led from rest to rest, and the next with the same input and the same parameters
 * would do so again. What wakes it is a sound, or a parameter that moves. The tempo and the place in the song move all the
 * time, and must not matter at rest (plugin.ts, process()). [audio thread]
 */
export class Sleep {
  /** The engine's, which lanes and the control side write. */
  #params: Float64Array;
  /** Those of the last call. */
  readonly #known: Float64Array;
  #atRest = false;
  #asleep = false;

  constructor(params: Float64Array) {
    this.#params = params;
    this.#known = params.slice();
  }

  /** Before a call with silent inputs: true if it need not be made. */
  lasts(): boolean {
    return this.#asleep && !this.#haveMoved();
  }

  /** To another place of the same values. */
  move(params: Float64Array): void {
    this.#params = params;
  }

  wake(): void {
    this.#atRest = false;
    this.#asleep = false;
  }

  /** After a call: what the inputs were, what process() said, and what came out. */
  called(
    silent: boolean,
    remainingFrames: number,
    outputs: readonly (readonly Float32Array[])[],
    offset: number,
    frames: number,
  ): void {
    const moved = this.#haveMoved();
    if (moved) this.#known.set(this.#params);
    const restsNow = silent && !moved && remainingFrames === 0;
    this.#asleep = restsNow && this.#atRest && areZero(outputs, offset, frames);
    this.#atRest = remainingFrames === 0;
  }

  #haveMoved(): boolean {
    for (let i = 0; i < this.#params.length; i++) if (this.#params[i] !== this.#known[i]) return true;
    return false;
  }
}

function areZero(outputs: readonly (readonly Float32Array[])[], offset: number, frames: number): boolean {
  for (const port of outputs)
    for (const channel of port)
      for (let i = offset; i < offset + frames; i++) if (!Object.is(channel[i], 0)) return false;
  return true;
}
