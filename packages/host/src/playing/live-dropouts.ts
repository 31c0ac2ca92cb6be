/**
 * Dropouts, found without a clock: the context counts every frame that went by, so where a block begins later than the one
 * before it ended, the frames between were heard as nothing. [audio]
 */
export class Dropouts {
  #expected = -1;
  #count = 0;
  #frames = 0;

  get count(): number {
    return this.#count;
  }

  /** Lost in all of them. */
  get frames(): number {
    return this.#frames;
  }

  /** A block of `frames` frames begins, at frame `currentFrame` of the context. */
  block(currentFrame: number, frames: number): void {
    if (this.#expected >= 0 && currentFrame > this.#expected) {
      this.#count++;
      this.#frames += currentFrame - this.#expected;
    }
    this.#expected = currentFrame + frames;
  }
}
