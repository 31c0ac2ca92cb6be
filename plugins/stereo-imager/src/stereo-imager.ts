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
import { highpassTau, lowpassTau, ringFrames } from "./ring.ts";
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
/** The lowest crossover there is. */
const LOWEST_CROSSOVER_HZ = 40;
/** "Mono below" is off there. */
const MONO_OFF_HZ = 20;
/** The high-pass is set this much higher, so that the side is 18 dB down where mono is to begin, and more below. */
const MONO_CORNER = 1.6;
/** What is louder, or not a number, is not let into the filters, where it would stay for ever. */
const LOUDEST = 1e10;
/** The smallest f32 that is not subnormal. */
const SMALLEST_NORMAL = 2 ** -126;

class StereoImager implements Processor {
  readonly latencyFrames = 0;
  readonly tailFrames: number;
  readonly #sampleRateHz: number;
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
  /** Frames of silence after which the filters of the present settings are silent too. */
  #ring = 0;
  /** Frames since the last sound or the end of the last ramp. */
  #quiet = Number.POSITIVE_INFINITY;
  /** Until the first block after reset(), whose parameters are taken as they stand. */
  #starting = true;

  constructor(setup: ProcessSetup) {
    this.#sampleRateHz = setup.sampleRateHz;
    this.#correlation = new CorrelationMeter(setup.sampleRateHz);
    const rampFrames = Math.round(RAMP_MS * 0.001 * setup.sampleRateHz);
    const lowestLowpass = lowpassTau(integratorGain(LOWEST_CROSSOVER_HZ, setup.sampleRateHz));
    const lowestHighpass = highpassTau(integratorGain(MONO_CORNER * MONO_OFF_HZ, setup.sampleRateHz));
    this.tailFrames = ringFrames(lowestLowpass, lowestHighpass);
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
    this.#starting = true;
    this.#restFilters();
    this.#correlation.reset();
    this.#quiet = Number.POSITIVE_INFINITY;
  }

  process(block: Block): number {
    const [left, right] = block.inputs[0];
    const [toLeft, toRight] = block.outputs[0];
    this.#follow(block.params, (ramp, goal) => (this.#starting ? ramp.settle(goal) : ramp.aim(goal)));
    this.#starting = false;
    for (let i = 0; i < block.frames; i++) {
      const moving = this.#movingFrames > 0;
      [toLeft[i], toRight[i]] = this.#frame(left[i], right[i]);
      this.#quiet = !moving && left[i] === 0 && right[i] === 0 ? this.#quiet + 1 : 0;
      if (this.#quiet >= this.#ring) this.#restFilters();
    }
    block.meters[0] = this.#correlation.read(toLeft, toRight, block.frames);
    const moving = this.#movingFrames;
    return moving > 0 ? moving + this.#ring : Math.max(0, this.#ring - this.#quiet);
  }

  #frame(l: number, r: number): [number, number] {
    const moving = this.#movingFrames > 0;
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

    const [m0, m1, m2, m3] = this.#matrix.map((ramp) => ramp.value);
    const flat = !moving && change === 0 && m0 === 1 && m1 === 0 && m2 === 0 && m3 === 1;
    if (flat) return [l, r];
    const [left, right] = [l + change, r - change];
    const turnedLeft = m1 === 0 ? m0 * left : m0 * left + m1 * right;
    const turnedRight = m2 === 0 ? m3 * right : m2 * left + m3 * right;
    return [normal(turnedLeft), normal(turnedRight)];
  }

  #restFilters(): void {
    for (const lowpass of this.#lowpasses) lowpass.reset();
    this.#highpass.reset();
  }

  /** Frames until every ramp stands. */
  get #movingFrames(): number {
    return Math.max(...this.#ramps.map((ramp) => ramp.framesLeft));
  }

  /** Widths differ somewhere. */
  get #splits(): boolean {
    return this.#weights.some((weight) => weight.value !== 0);
  }

  get #ramps(): readonly Ramp[] {
    return [this.#whole, ...this.#weights, ...this.#shares, this.#mono, this.#monoGain, ...this.#matrix];
  }

  /** Tells every ramp where the parameters want it. */
  #follow(params: Float64Array, tell: (ramp: Ramp, goal: number) => void): void {
    const topBand = params[BANDS];
    const width = (band: number) => params[WIDTH_PERCENT + Math.min(band, topBand)] / 100;
    tell(this.#whole, width(3) - 1);
    // A crossover below the one before it would turn the band between them upside down.
    let crossoverHz = 0;
    const lowpassTaus: number[] = [];
    for (let c = 0; c < 3; c++) {
      const weight = width(c) - width(c + 1);
      tell(this.#weights[c], weight);
      crossoverHz = Math.max(crossoverHz, params[CROSSOVER_HZ + c]);
      const g = integratorGain(crossoverHz, this.#sampleRateHz);
      tell(this.#shares[c], g / (1 + g));
      if (weight !== 0) lowpassTaus.push(lowpassTau(g));
    }
    const mono = params[MONO_BELOW_HZ] > MONO_OFF_HZ;
    const monoGain = integratorGain(MONO_CORNER * params[MONO_BELOW_HZ], this.#sampleRateHz);
    tell(this.#mono, mono ? 1 : 0);
    tell(this.#monoGain, monoGain);
    const slowestLowpass = lowpassTaus.length > 0 ? Math.max(...lowpassTaus) : undefined;
    this.#ring = ringFrames(slowestLowpass, mono ? highpassTau(monoGain) : undefined);

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

/** Subnormal numbers are slow to compute with on some processors, and nobody hears them. */
function normal(y: number): number {
  return Math.abs(y) < SMALLEST_NORMAL ? 0 : y;
}

export default definePlugin({ activate: (setup) => new StereoImager(setup) });
