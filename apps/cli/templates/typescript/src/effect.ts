/**
 * A soft saturator that leaves full scale where it is.
 *
 *   x ─┬─▶ x · √((1 + d²) / (1 + d²x²)) ─▶ w ─▶ × mix ─────▶ + ─▶ y
 *      └──────────────────────────────────────▶ × 1 - mix ──┘
 *
 * d is the drive: 0 passes the input bit for bit; a quiet signal gains √(1 + d²), and ±1 stays ±1. The curve is the
 * algebraic sigmoid u / √(1 + u²) with u = d·x, scaled by its own value at x = 1. It takes nothing but + - × ÷ √, which
 * IEEE 754 rounds alike everywhere: the same samples come out on every machine.
 *
 * The entry of a plugin is one file. When this grows, build it with a bundler.
 */
import type { Block, Plugin, Processor, ProcessSetup } from "@gainstage/plugin-api";

/** Places of the parameters in the manifest. */
const DRIVE = 0;
const MIX_PERCENT = 1;

const RAMP_MS = 20;

/**
 * A parameter on its way: a straight line to each new value, counted in frames, so that how the host cuts the stream into
 * blocks does not change one bit.
 */
class Ramp {
  readonly #length: number;
  #goal = 0;
  #start = 0;
  #left = 0;

  /** Every way takes `lengthFrames`. */
  constructor(lengthFrames: number) {
    this.#length = lengthFrames;
  }

  /** Frames until it arrives. */
  get left(): number {
    return this.#left;
  }

  /** At `value`, at once. */
  settle(value: number): void {
    this.#goal = value;
    this.#start = value;
    this.#left = 0;
  }

  /** Call at the head of each block. */
  aim(value: number): void {
    if (value === this.#goal) return;
    this.#start = this.#value();
    this.#goal = value;
    this.#left = this.#length;
  }

  /** One frame on; the value then. */
  next(): number {
    if (this.#left > 0) this.#left--;
    return this.#value();
  }

  #value(): number {
    if (this.#left === 0) return this.#goal;
    return this.#goal + ((this.#start - this.#goal) * this.#left) / this.#length;
  }
}

class Saturator implements Processor {
  readonly latencyFrames = 0;
  readonly tailFrames = 0;
  readonly #drive: Ramp;
  readonly #mix: Ramp;
  /** Until the first process(): parameters are then taken at once. */
  #starting = true;

  constructor({ sampleRateHz, inputs, outputs }: ProcessSetup) {
    if (inputs[0].channels !== outputs[0].channels) {
      throw new Error(`cannot make ${outputs[0].layout} of ${inputs[0].layout}`);
    }
    const rampFrames = Math.floor(RAMP_MS * 0.001 * sampleRateHz + 0.5);
    this.#drive = new Ramp(rampFrames);
    this.#mix = new Ramp(rampFrames);
  }

  reset(): void {
    this.#starting = true;
  }

  process({ frames, inputs, outputs, params }: Block): number {
    const drive = this.#drive;
    const mix = this.#mix;
    if (this.#starting) {
      drive.settle(params[DRIVE]);
      mix.settle(params[MIX_PERCENT] / 100);
      this.#starting = false;
    }
    drive.aim(params[DRIVE]);
    mix.aim(params[MIX_PERCENT] / 100);
    const channels = outputs[0].length;
    for (let i = 0; i < frames; i++) {
      const d = drive.next();
      const wet = mix.next();
      const dd = d * d;
      for (let c = 0; c < channels; c++) {
        const x = inputs[0][c][i];
        const w = x * Math.sqrt((1 + dd) / (1 + dd * (x * x)));
        outputs[0][c][i] = x + wet * (w - x);
      }
    }
    // Silence in is silence out at once; but a ramp on its way wants to arrive.
    return Math.max(drive.left, mix.left);
  }
}

const plugin: Plugin = {
  activate: (setup) => new Saturator(setup),
};

export default plugin;
