/**
 * Phase correlation r = Σ l·r / √(Σ l² · Σ r²) over about the last 300 ms: means that forget exponentially, one step a
 * block. +1 is mono, -1 cancels in mono; 0 is unrelated, and what silence reads.
 */
const INTEGRATION_S = 0.3;
/** -120 dBFS: quieter means are silence. */
const SILENCE = 1e-12;

export class CorrelationMeter {
  readonly #sampleRateHz: number;
  #product = 0;
  #leftPower = 0;
  #rightPower = 0;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  reset(): void {
    this.#product = 0;
    this.#leftPower = 0;
    this.#rightPower = 0;
  }

  /** Takes a block; gives -1 to 1. */
  read(left: Float32Array, right: Float32Array, frames: number): number {
    let product = 0;
    let leftPower = 0;
    let rightPower = 0;
    for (let i = 0; i < frames; i++) {
      product += left[i] * right[i];
      leftPower += left[i] * left[i];
      rightPower += right[i] * right[i];
    }
    const keep = Math.exp(-frames / (INTEGRATION_S * this.#sampleRateHz));
    const take = (1 - keep) / frames;
    this.#product = keep * this.#product + take * product;
    this.#leftPower = keep * this.#leftPower + take * leftPower;
    this.#rightPower = keep * this.#rightPower + take * rightPower;
    if (!Number.isFinite(this.#leftPower + this.#rightPower)) this.reset();
    if (this.#leftPower < SILENCE || this.#rightPower < SILENCE) return 0;
    return Math.max(-1, Math.min(1, this.#product / Math.sqrt(this.#leftPower * this.#rightPower)));
  }
}
