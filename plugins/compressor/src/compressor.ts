/**
 * Compressor: feed-forward, detecting in the log domain.
 *
 *   x ─┬─▶ lookahead ──────────────────────────────────────────────────────────────▶ × ─▶ mix ─▶ y
 *      └▶ (or sidechain) ─▶ high-pass ─▶ |x| or RMS ─▶ link ─▶ gain computer ─▶ ballistics ─▲
 *
 * Giannoulis, Massberg & Reiss, "Digital Dynamic Range Compressor Design: A Tutorial and Analysis", JAES 60(6), 2012.
 * Equation numbers below are theirs. This is the scalar twin of assembly/index.ts, and what that is tested against.
 */
import { dbToGain } from "@gainstage/dsp";
import { type Block, definePlugin, type Processor, type ProcessSetup } from "@gainstage/plugin-api";
import { Glides, type Values } from "./glides.ts";
import { Highpass, LOUDEST } from "./highpass.ts";

/** Below this the detector reads silence, so that log(0) never reaches the ballistics: -180 dB. */
const FLOOR = 1e-9;
/** And above this it reads no further: 240 dB. */
const CEILING = 1e12;
/** Reductions below this are inaudible, and left to decay they would turn subnormal. */
const SETTLED_DB = 1e-6;
/** Mean squares below this are silence. */
const SILENT_SQUARE = 1e-30;
/** -602 dB: what is quieter counts as zero, since some processors take long to multiply subnormal numbers. */
const INAUDIBLE = 2 ** -100;
const METER_MIN_DB = -60;
const RMS_MS = 10;
const LOOKAHEAD_MS = 10;

export interface StaticCurve {
  readonly thresholdDb: number;
  /** 1 - 1/ratio. */
  readonly slope: number;
  readonly kneeDb: number;
}

/** Eq. 4 as the reduction in dB, never negative, for a level in dB. */
export function reductionDb(levelDb: number, { thresholdDb, slope, kneeDb }: StaticCurve): number {
  const over = levelDb - thresholdDb;
  if (2 * over <= -kneeDb) return 0;
  if (2 * over >= kneeDb) return slope * over;
  return (slope * (over + kneeDb / 2) ** 2) / (2 * kneeDb);
}

/** Per channel: what the detector and the envelope remember. */
interface Channel {
  readonly highpass: Highpass;
  meanSquare: number;
  /** The smoothed reduction in dB. */
  reduction: number;
}

class Compressor implements Processor {
  readonly latencyFrames: number;
  readonly tailFrames = 0;
  readonly #setup: ProcessSetup;
  #channels: [Channel, Channel] = [newChannel(), newChannel()];
  /** The latest `latencyFrames` frames of each channel. */
  #lookahead: [number[], number[]] = [[], []];
  readonly #glides: Glides;

  constructor(setup: ProcessSetup) {
    this.#setup = setup;
    this.latencyFrames = Math.round(setup.params[LOOKAHEAD_MS] * 0.001 * setup.sampleRateHz);
    this.#glides = new Glides(setup.sampleRateHz);
    this.reset();
  }

  reset(): void {
    this.#channels = [newChannel(), newChannel()];
    this.#lookahead = [new Array(this.latencyFrames).fill(0), new Array(this.latencyFrames).fill(0)];
    this.#glides.reset();
  }

  process({ frames, inputs, outputs, params, meters }: Block): number {
    this.#glides.follow(params);
    const [left, right = left] = inputs[0];
    const [heard0, heard1 = heard0] = this.#setup.inputs[1].connected ? inputs[1] : inputs[0];
    for (let i = 0; i < frames; i++) {
      const values = this.#glides.next();
      const peaks = [heard0[i], heard1[i]].map((x, c) => this.#peak(c, x, values));
      const means = peaks.map((peak, c) => (values.rms > 0 ? this.#mean(c, peak) : this.#forgetMean(c)));
      const levelDb = (peak: number, mean: number) =>
        values.rms > 0 ? toDb(peak) + values.rms * (toDb(mean) - toDb(peak)) : toDb(peak);
      const louder = levelDb(Math.max(...peaks), Math.max(...means));
      for (const [c, channel] of this.#channels.entries()) {
        const own = levelDb(peaks[c], means[c]);
        const target = reductionDb(own + values.link * (louder - own), values);

        // Smooth branching detector, eq. 16.
        const share = Math.exp(target > channel.reduction ? values.logAttack : values.logRelease);
        channel.reduction += share * (target - channel.reduction);
        if (channel.reduction < SETTLED_DB) channel.reduction = 0;

        const gain = dbToGain(values.makeupDb - channel.reduction);
        const output = outputs[0][c];
        const x = this.#late(c, (c === 0 ? left : right)[i]);
        if (output) output[i] = Math.abs(x) < INAUDIBLE ? 0 : x * (1 + values.mix * (gain - 1));
      }
    }
    const reduction = Math.max(this.#channels[0].reduction, this.#channels[1].reduction);
    meters[0] = Math.max(METER_MIN_DB, -reduction);
    // The kernel says for how long it has to go on; a twin is not put to sleep.
    return Number.POSITIVE_INFINITY;
  }

  /** What the detector of one channel hears, as a magnitude. */
  #peak(c: number, x: number, { logHighpassHz }: Values): number {
    return Math.abs(this.#channels[c].highpass.next(x, logHighpassHz, this.#setup.sampleRateHz));
  }

  /** Its root mean square. */
  #mean(c: number, peak: number): number {
    const channel = this.#channels[c];
    const alpha = Math.exp(-1 / (RMS_MS * 0.001 * this.#setup.sampleRateHz));
    const square = peak < LOUDEST ? peak * peak : 0;
    channel.meanSquare = square + alpha * (channel.meanSquare - square);
    if (!(channel.meanSquare > SILENT_SQUARE)) channel.meanSquare = 0;
    return Math.sqrt(channel.meanSquare);
  }

  #forgetMean(c: number): number {
    this.#channels[c].meanSquare = 0;
    return 0;
  }

  #late(c: number, x: number): number {
    this.#lookahead[c].push(x);
    return this.#lookahead[c].shift() as number;
  }
}

function newChannel(): Channel {
  return { highpass: new Highpass(), meanSquare: 0, reduction: 0 };
}

/** A level between floor and ceiling in dB; what is not a number is the floor. */
function toDb(level: number): number {
  return 20 * Math.log10(level > FLOOR ? Math.min(CEILING, level) : FLOOR);
}

export default definePlugin({ activate: (setup) => new Compressor(setup) });
