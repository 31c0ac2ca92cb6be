/**
 * Stereo imager: width in up to four bands, mono bass, rotation, balance.
 *
 *   l, r ─┬─▶ side = (l - r)/2 ─▶ change of width in bands ─▶ change by the high-pass ─▶ d
 *         └─────────────────────────────────────────────────────▶ l + d, r - d ─▶ rotation, balance, gain ─▶ y
 *
 * What the widths and the mono bass change is added on the left and taken away on the right, so the mono sum l + r is
 * not touched whatever they are, and with nothing to change the input passes bit for bit.
 *
 * With C1, C2, C3 the low-passes of the crossovers (side-filters.ts), the bands C1, C2 - C1, C3 - C2 and side - C3 sum
 * to the side, and for widths w as factors
 *
 *   Σ (w - 1) band = (w4 - 1) side + (w1 - w2) C1 + (w2 - w3) C2 + (w3 - w4) C3
 *
 * so that fewer bands are only equal widths, and equal widths need no filter. The scalar twin of assembly/.
 */
import { dbToGain, Ramp } from "@gainstage/dsp";
import { type Block, definePlugin, type Processor, type ProcessSetup } from "@gainstage/plugin-api";
import { CorrelationMeter } from "./correlation-meter.ts";
import { CrossoverLowpass, integratorGain, LinkwitzRileyHighpass } from "./side-filters.ts";

/** Indices of the parameters, in the order of the manifest. */
const BANDS = 0;
const WIDTH_PERCENT = 1;
const CROSSOVER_HZ = 5;
const MONO_BELOW_HZ = 8;
const ROTATION_DEGREES = 9;
const BALANCE_PERCENT = 10;
const OUTPUT_GAIN_DB = 11;

const RAMP_MS = 20;
/** "Mono below" is off there. */
const MONO_OFF_HZ = 20;
/** The high-pass is set this much higher, so that the side is 18 dB down where mono is to begin, and more below. */
const MONO_CORNER = 1.6;
/** By then the slowest filter, the high-pass at 32 Hz, has rung down from +200 dBFS to below the smallest f32. */
const TAIL_S = 1.2;
/** What is louder, or not a number, is not let into the filters, where it would stay for ever. */
const LOUDEST = 1e10;

class StereoImager implements Processor {
  readonly latencyFrames = 0;
  readonly tailFrames: number;
  readonly #sampleRateHz: number;
  readonly #params: Float64Array;
  readonly #correlation: CorrelationMeter;
  readonly #lowpasses = [new CrossoverLowpass(), new CrossoverLowpass(), new CrossoverLowpass()];
  readonly #highpass = new LinkwitzRileyHighpass();
  readonly #whole: Ramp;
  readonly #weights: readonly Ramp[];
  readonly #shares: readonly Ramp[];
  readonly #mono: Ramp;
  readonly #monoGain: Ramp;
  /** Rotation, balance and gain: y0 = m0 l + m1 r, y1 = m2 l + m3 r. */
  readonly #matrix: readonly Ramp[];
  #silentFrames = Number.POSITIVE_INFINITY;

  constructor(setup: ProcessSetup) {
    this.#sampleRateHz = setup.sampleRateHz;
    this.#params = setup.params.slice();
    this.#correlation = new CorrelationMeter(setup.sampleRateHz);
    this.tailFrames = Math.round(TAIL_S * setup.sampleRateHz);
    const rampFrames = Math.round(RAMP_MS * 0.001 * setup.sampleRateHz);
    const ramp = () => new Ramp(0, rampFrames);
    this.#whole = ramp();
    this.#weights = [ramp(), ramp(), ramp()];
    this.#shares = [ramp(), ramp(), ramp()];
    this.#mono = ramp();
    this.#monoGain = ramp();
    this.#matrix = [ramp(), ramp(), ramp(), ramp()];
    this.reset();
  }

  reset(): void {
    this.#follow((ramp, goal) => ramp.settle(goal));
    for (const lowpass of this.#lowpasses) lowpass.reset();
    this.#highpass.reset();
    this.#correlation.reset();
    this.#silentFrames = Number.POSITIVE_INFINITY;
  }

  process(block: Block): number {
    const [left, right] = block.inputs[0];
    const [toLeft, toRight] = block.outputs[0];
    this.#params.set(block.params);
    this.#follow((ramp, goal) => ramp.aim(goal));
    for (let i = 0; i < block.frames; i++) {
      [toLeft[i], toRight[i]] = this.#frame(left[i], right[i]);
      this.#silentFrames = left[i] === 0 && right[i] === 0 ? this.#silentFrames + 1 : 0;
    }
    block.meters[0] = this.#correlation.read(toLeft, toRight, block.frames);
    const filtering = this.#ramps.some((r) => r.framesLeft > 0) || this.#splits || this.#mono.value !== 0;
    return filtering ? Math.max(0, this.tailFrames - this.#silentFrames) : 0;
  }

  #frame(l: number, r: number): [number, number] {
    const moving = this.#ramps.some((ramp) => ramp.framesLeft > 0);
    for (const ramp of this.#ramps) ramp.next();

    const side = 0.5 * (l - r);
    const filtered = Math.abs(side) < LOUDEST ? side : 0;
    let change = this.#whole.value * side;
    if (moving || this.#splits) {
      for (const [c, lowpass] of this.#lowpasses.entries()) {
        change += this.#weights[c].value * lowpass.next(filtered, this.#shares[c].value);
      }
    } else for (const lowpass of this.#lowpasses) lowpass.reset();

    if (moving || this.#mono.value !== 0) {
      const widened = filtered + (Math.abs(change) < 4 * LOUDEST ? change : 0);
      const high = this.#highpass.next(widened, this.#monoGain.value);
      change += this.#mono.value * (high - widened);
    } else this.#highpass.reset();

    // Adding zero would turn -0 into 0.
    const left = change === 0 ? l : l + change;
    const right = change === 0 ? r : r - change;
    const [m0, m1, m2, m3] = this.#matrix.map((ramp) => ramp.value);
    return [m1 === 0 ? m0 * left : m0 * left + m1 * right, m2 === 0 ? m3 * right : m2 * left + m3 * right];
  }

  /** Widths differ somewhere. */
  get #splits(): boolean {
    return this.#weights.some((weight) => weight.value !== 0);
  }

  get #ramps(): readonly Ramp[] {
    return [this.#whole, ...this.#weights, ...this.#shares, this.#mono, this.#monoGain, ...this.#matrix];
  }

  /** Tells every ramp where the parameters want it. */
  #follow(tell: (ramp: Ramp, goal: number) => void): void {
    const params = this.#params;
    const topBand = params[BANDS];
    const width = (band: number) => params[WIDTH_PERCENT + Math.min(band, topBand)] / 100;
    tell(this.#whole, width(3) - 1);
    // A crossover below the one before it would turn the band between them upside down.
    let crossoverHz = 0;
    for (let c = 0; c < 3; c++) {
      tell(this.#weights[c], width(c) - width(c + 1));
      crossoverHz = Math.max(crossoverHz, params[CROSSOVER_HZ + c]);
      const g = integratorGain(crossoverHz, this.#sampleRateHz);
      tell(this.#shares[c], g / (1 + g));
    }
    tell(this.#mono, params[MONO_BELOW_HZ] > MONO_OFF_HZ ? 1 : 0);
    tell(this.#monoGain, integratorGain(MONO_CORNER * params[MONO_BELOW_HZ], this.#sampleRateHz));

    const angle = (params[ROTATION_DEGREES] * Math.PI) / 180;
    const gain = dbToGain(params[OUTPUT_GAIN_DB]);
    const balance = params[BALANCE_PERCENT] / 100;
    const leftGain = gain * Math.min(1, 1 - balance);
    const rightGain = gain * Math.min(1, 1 + balance);
    tell(this.#matrix[0], leftGain * Math.cos(angle));
    tell(this.#matrix[1], -leftGain * Math.sin(angle));
    tell(this.#matrix[2], rightGain * Math.sin(angle));
    tell(this.#matrix[3], rightGain * Math.cos(angle));
  }
}

export default definePlugin({ activate: (setup) => new StereoImager(setup) });
