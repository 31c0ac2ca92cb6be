// Phase correlation of a stereo pair: r = Σ l·r / √(Σ l² · Σ r²). +1 is mono, 0 unrelated, -1 cancels in mono.
//
// Like every phase meter it leaves out the mean that Pearson's coefficient subtracts: audio has none.

import type { DspKernels } from "./kernels.ts";

const HISTORY_HZ = 10;
const BLOCK_FRAMES = 4096;

/** Σ l·r, Σ l², Σ r² */
export type CorrelationSums = readonly [product: number, leftPower: number, rightPower: number];

/** The twin of assembly/correlation.ts. */
export function correlationSums(left: Float32Array, right: Float32Array): CorrelationSums {
  let product = 0;
  let leftPower = 0;
  let rightPower = 0;
  for (let n = 0; n < left.length; n++) {
    product += left[n] * right[n];
    leftPower += left[n] * left[n];
    rightPower += right[n] * right[n];
  }
  return [product, leftPower, rightPower];
}

/** Null when one of the channels is silent: there is nothing to compare. */
export function correlationOf([product, leftPower, rightPower]: CorrelationSums): number | null {
  const scale = Math.sqrt(leftPower) * Math.sqrt(rightPower);
  return scale > 0 && Number.isFinite(scale) ? Math.max(-1, Math.min(1, product / scale)) : null;
}

export class CorrelationMeter {
  readonly sampleRateHz: number;
  readonly #kernels: DspKernels;
  readonly #total: [number, number, number] = [0, 0, 0];
  #part: [number, number, number] = [0, 0, 0];
  readonly #history: (number | null)[] = [];
  #frame = 0;

  constructor(kernels: DspKernels, sampleRateHz: number) {
    this.#kernels = kernels;
    this.sampleRateHz = sampleRateHz;
  }

  /** Takes the next chunk of a stereo pair, of any length. */
  process(left: Float32Array, right: Float32Array): void {
    const kernels = this.#kernels;
    kernels.onBench(() => {
      const addresses = [kernels.allocate(BLOCK_FRAMES * 4), kernels.allocate(BLOCK_FRAMES * 4)];
      const sums = kernels.allocate(24);
      const [leftBlock, rightBlock] = addresses.map((address) => kernels.floats(address, BLOCK_FRAMES));
      const result = kernels.doubles(sums, 3);
      for (let start = 0; start < left.length; ) {
        const partEnd = Math.round(((this.#history.length + 1) * this.sampleRateHz) / HISTORY_HZ);
        const end = Math.min(left.length, start + BLOCK_FRAMES, start + partEnd - this.#frame);
        leftBlock.set(left.subarray(start, end));
        rightBlock.set(right.subarray(start, end));
        kernels.run.correlationSums(addresses[0], addresses[1], end - start, sums);
        for (let i = 0; i < 3; i++) {
          this.#part[i] += result[i];
          this.#total[i] += result[i];
        }
        this.#frame += end - start;
        start = end;
        if (this.#frame === partEnd) {
          this.#history.push(correlationOf(this.#part));
          this.#part = [0, 0, 0];
        }
      }
    });
  }

  /** Over everything so far; null for silence. */
  get correlation(): number | null {
    return correlationOf(this.#total);
  }

  /** For each 100 ms that has passed; null where silent. */
  get history(): readonly (number | null)[] {
    return this.#history;
  }
}
