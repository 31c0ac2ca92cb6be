/**
 * Equalizer: eight bands, each in the path of left and right or in that of mid and side.
 *
 *   L, R ─▶ sections of stereo, left and right bands ─▶ M, S ─▶ sections of mid and side bands ─▶ L, R ─▶ gain ─▶
 *
 * This is the scalar twin of assembly/index.ts: what that does four sections at a time, written frame by frame. What a
 * band's sections are is said in band-design.ts, how they move in moving-section.ts.
 */
import { dbToGain } from "@gainstage/dsp";
import { type Block, definePlugin, type Processor, type ProcessSetup } from "@gainstage/plugin-api";
import { Band, type Slot, silence } from "./band.ts";
import { BAND_PARAMS, BANDS, bandSettings, OUTPUT_GAIN_DB } from "./band-settings.ts";

const RAMP_MS = 20;
/** ln(1e12): a ring is over when it has fallen by 240 dB, */
const SILENT_NEPERS = 27.6;
/** starting from this much louder than the input for each section. */
const LOUDER_NEPERS = 3.5;
/** How close the bound of the ring comes to the slowest section's own decay. */
const DECAY_RATE = 0.75;
/** Slowest pole: a bell at 10 Hz of q 40 and 24 dB, where 1/q of the pole is 1/(40 · 10^(24/40)). */
const SLOWEST_S = 5.07;
/** +54 dBFS. Eight bands may add up to far more, and a host takes a sample above +60 dBFS for a fault. */
const LOUDEST = 500;
/** The smallest f32 that is not subnormal. */
const SMALLEST_NORMAL = 2 ** -126;
/** (SILENT_NEPERS + 40 sections of LOUDER_NEPERS + 8 slow ones of ln 4) / DECAY_RATE */
const LONGEST_RING_TAUS = 239;

class Equalizer implements Processor {
  readonly latencyFrames = 0;
  readonly tailFrames: number;
  readonly #setup: ProcessSetup;
  readonly #rampFrames: number;
  readonly #mono: boolean;
  readonly #known: Float64Array;
  /** Until the first block after reset(), whose parameters are taken as they stand. */
  #starting = true;
  #bands: Band[] = [];
  #gain = 1;
  #gainStart = 1;
  #gainFramesLeft = 0;
  #ring = 0;
  #quiet = Number.POSITIVE_INFINITY;

  constructor(setup: ProcessSetup) {
    this.#setup = setup;
    this.#rampFrames = Math.round(RAMP_MS * 0.001 * setup.sampleRateHz);
    this.#mono = setup.inputs[0].channels === 1;
    this.tailFrames = Math.ceil(LONGEST_RING_TAUS * SLOWEST_S * setup.sampleRateHz);
    this.#known = setup.params.slice();
    this.reset();
  }

  reset(): void {
    this.#starting = true;
    this.#quiet = Number.POSITIVE_INFINITY;
  }

  /** Every band at its parameters, with nothing in its sections. */
  #settle(params: Float64Array): void {
    this.#known.set(params);
    this.#bands = Array.from({ length: BANDS }, () => new Band(this.#rampFrames));
    for (const [b, band] of this.#bands.entries()) {
      band.retarget(bandSettings(this.#known, b), this.#setup.sampleRateHz, this.#mono);
      band.settle();
    }
    this.#gain = dbToGain(this.#known[OUTPUT_GAIN_DB]);
    this.#gainFramesLeft = 0;
    this.#ring = ringFrames(this.#bands);
  }

  process({ frames, inputs, outputs, params }: Block): number {
    if (this.#starting) this.#settle(params);
    else this.#followParams(params);
    this.#starting = false;
    const [left, right = left] = inputs[0];
    for (let i = 0; i < frames; i++) {
      const moving = this.#bands.some((band) => band.framesLeft > 0);
      const [y0, y1] = this.#next(finite(left[i]), finite(right[i]));
      outputs[0][0][i] = y0;
      if (!this.#mono) outputs[0][1][i] = y1;
      this.#followSilence(!moving && left[i] === 0 && right[i] === 0);
    }
    const lastEnd = Math.max(...this.#bands.map((band) => band.framesLeft));
    const ringing = lastEnd > 0 ? lastEnd + this.#ring : this.#ring - this.#quiet;
    return Math.max(0, ringing, this.#gainFramesLeft);
  }

  #followParams(params: Float64Array): void {
    for (const [b, band] of this.#bands.entries()) {
      const from = b * BAND_PARAMS;
      const changed = params.subarray(from, from + BAND_PARAMS).some((v, k) => v !== this.#known[from + k]);
      if (changed) band.retarget(bandSettings(params, b), this.#setup.sampleRateHz, this.#mono);
    }
    if (params[OUTPUT_GAIN_DB] !== this.#known[OUTPUT_GAIN_DB]) {
      this.#gainStart = this.#gainNow();
      this.#gain = dbToGain(params[OUTPUT_GAIN_DB]);
      this.#gainFramesLeft = this.#rampFrames;
    }
    this.#known.set(params);
    this.#ring = ringFrames(this.#bands);
  }

  #gainNow(): number {
    return this.#gain + ((this.#gainStart - this.#gain) * this.#gainFramesLeft) / this.#rampFrames;
  }

  #next(left: number, right: number): [number, number] {
    const flat = this.#ring === 0 && this.#gainFramesLeft === 0 && this.#gain === 1;
    if (flat) return [left, right];
    let [y0, y1] = this.#through(left, right, (band) => band.leftRight);
    if (this.#bands.some((band) => band.midSide.some((slot) => slot.runs))) {
      const [mid, side] = this.#through((y0 + y1) / 2, (y0 - y1) / 2, (band) => band.midSide);
      [y0, y1] = [mid + side, mid - side];
    }
    const ended = this.#bands.map((band) => band.advance());
    if (ended.includes(true)) this.#ring = ringFrames(this.#bands);
    if (this.#gainFramesLeft > 0) this.#gainFramesLeft--;
    const gain = this.#gainNow();
    return [bounded(y0 * gain), bounded(y1 * gain)];
  }

  #through(x0: number, x1: number, path: (band: Band) => readonly Slot[]): [number, number] {
    let [y0, y1] = [x0, x1];
    for (const { lanes, runs } of this.#bands.flatMap(path)) {
      if (runs) [y0, y1] = [lanes[0].next(y0), lanes[1].next(y1)];
    }
    return [y0, y1];
  }

  /** After the longest ring that its poles allow an equalizer is silent, to the bit. */
  #followSilence(silent: boolean): void {
    this.#quiet = silent ? this.#quiet + 1 : 0;
    if (this.#quiet < this.#ring) return;
    for (const band of this.#bands) for (const slot of band.running) silence(slot);
  }
}

/** Chernoff's bound of a cascade of poles: |h[n]| ≤ e^(-σn) Π 1 / (1 - σ τ), with σ a part of the slowest decay. */
function ringFrames(bands: readonly Band[]): number {
  const taus = bands.flatMap((band) => band.running.map((slot) => slot.timeConstantFrames));
  if (taus.length === 0) return 0;
  const slowest = Math.max(...taus);
  let nepers = SILENT_NEPERS + LOUDER_NEPERS * taus.length;
  if (slowest > 0) for (const tau of taus) nepers -= Math.log(1 - (DECAY_RATE * tau) / slowest);
  // Two frames a section for what has no poles.
  return Math.ceil((nepers / DECAY_RATE) * slowest) + 2 * taus.length;
}

/** What is not a number would stay in a filter for ever. */
function finite(x: number): number {
  return Number.isFinite(x) ? x : 0;
}

/** Subnormal numbers are slow to compute with on some processors, and nobody hears them; too loud is a fault. */
function bounded(y: number): number {
  return Math.abs(y) < SMALLEST_NORMAL ? 0 : Math.max(-LOUDEST, Math.min(LOUDEST, y));
}

export default definePlugin({ activate: (setup) => new Equalizer(setup) });
