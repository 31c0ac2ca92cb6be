/**
 * Whether a plugin may be left alone: not called, and its output zeros, without a bit of difference.
 *
 * At a call in which every input was +0 to the end, the plugin said that nothing is left, and put out +0 alone; and it had
 * said so before that call too. So the call led from rest to rest, and the next with the same input and the same parameters
 * would do so again. What wakes it is a sound, or a parameter that moves. The tempo and the place in the song move all the
 * time, and must not matter at rest (plugin.ts, process()). [audio thread]
 */
export class Sleep {
  #atRest = false;
  #asleep = false;

  /** True if a call with silent inputs need not be made. */
  get lasts(): boolean {
    return this.#asleep;
  }

  /** Something other than a sound is new. */
  wake(): void {
    this.#atRest = false;
    this.#asleep = false;
  }

  /** After a call: whether nothing was heard and nothing moved, what process() said, and what came out. */
  called(
    isQuiet: boolean,
    remainingFrames: number,
    outputs: readonly (readonly Float32Array[])[],
    offset: number,
    frames: number,
  ): void {
    const restsNow = isQuiet && remainingFrames === 0;
    this.#asleep = restsNow && this.#atRest && areZero(outputs, offset, frames);
    this.#atRest = remainingFrames === 0;
  }
}

function areZero(outputs: readonly (readonly Float32Array[])[], offset: number, frames: number): boolean {
  for (const port of outputs)
    for (const channel of port)
      for (let i = offset; i < offset + frames; i++) if (!Object.is(channel[i], 0)) return false;
  return true;
}
