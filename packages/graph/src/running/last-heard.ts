/** The last sample of each main output channel that was heard before: where what is heard instead of a failed plugin falls from. [audio] */
export class LastHeard {
  /** Before the current call. */
  readonly ofCall: Float64Array;
  /** Before the current block of the engine, of which a call may be only a part. */
  readonly ofBlock: Float64Array;
  /** Frames of the call before, whose last sample is still in the processor's block. */
  #framesBefore = 0;

  constructor(channels: number) {
    this.ofCall = new Float64Array(channels);
    this.ofBlock = new Float64Array(channels);
  }

  /** Before a call at frame `offset` of the engine's block: takes what the call before left in `outputs`, of the main port. */
  take(offset: number, outputs: readonly Float32Array[]): void {
    if (this.#framesBefore > 0) {
      for (let c = 0; c < this.ofCall.length; c++) this.ofCall[c] = outputs[c][this.#framesBefore - 1];
    }
    if (offset === 0) this.ofBlock.set(this.ofCall);
  }

  called(frames: number): void {
    this.#framesBefore = frames;
  }

  /** Another processor: nothing of the one before is in its block. */
  another(): void {
    this.#framesBefore = 0;
  }

  /** What was heard at frame `at` of the engine's block is not what the processor put out. */
  heard(outputs: readonly Float32Array[], at: number): void {
    for (let c = 0; c < this.ofCall.length; c++) this.ofCall[c] = outputs[c][at];
    this.#framesBefore = 0;
  }

  /** Frames from `offset` on in which a plugin at rest is not called. */
  rest(offset: number): void {
    if (offset === 0) this.ofBlock.fill(0);
    this.ofCall.fill(0);
    this.#framesBefore = 0;
  }

  reset(): void {
    this.ofCall.fill(0);
    this.ofBlock.fill(0);
    this.#framesBefore = 0;
  }
}
