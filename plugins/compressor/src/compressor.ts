/**
 * Compressor: feed-forward, detecting in the log domain.
 *
 *   x ─┬─▶ lookahead ──────────────────────────────────────────────────────────────▶ × ─▶ mix ─▶ y
 *      └▶ (or sidechain) ─▶ high-pass ─▶ |x| or RMS ─▶ link ─▶ gain computer ─▶ ballistics ─▲
 *
 * Giannoulis, Massberg & Reiss, "Digital Dynamic Range Compressor Design: A Tutorial and Analysis", JAES 60(6), 2012.
 * Equation numbers below are theirs. This is the scalar twin of assembly/index.ts, and what that is tested against.
 */
import { dbToGain, Ramp } from "@gainstage/dsp";
import { type Block, definePlugin, type Processor, type ProcessSetup } from "@gainstage/plugin-api";
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
const HIGHPASS_OFF_HZ = 10;
const METER_MIN_DB = -60;
const RMS_MS = 10;
const RAMP_MS = 20;

/** The plugin's parameters, in the manifest's order. */
function settings(params: Float64Array) {
  const [thresholdDb, ratio, kneeDb, attackMs, releaseMs, makeupDb] = params;
  const [detector, linkPercent, highpassHz, mixPercent, lookaheadMs] = params.subarray(6);
  const rms = detector !== 0;
  const curve = { thresholdDb, ratio, kneeDb };
  return { curve, attackMs, releaseMs, makeupDb, rms, linkPercent, highpassHz, mixPercent, lookaheadMs };
}

export interface StaticCurve {
  readonly thresholdDb: number;
  readonly ratio: number;
  readonly kneeDb: number;
}

/** Eq. 4 as the reduction in dB, never negative, for a level in dB. */
export function reductionDb(levelDb: number, { thresholdDb, ratio, kneeDb }: StaticCurve): number {
  const slope = 1 - 1 / ratio;
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
  #known: Float64Array;
  #makeupDb: Ramp;
  #mix: Ramp;
  #rms = false;

  constructor(setup: ProcessSetup) {
    const { lookaheadMs, makeupDb, mixPercent } = settings(setup.params);
    this.#setup = setup;
    this.#known = setup.params.slice();
    this.latencyFrames = Math.round(lookaheadMs * 0.001 * setup.sampleRateHz);
    const rampFrames = Math.round(RAMP_MS * 0.001 * setup.sampleRateHz);
    this.#makeupDb = new Ramp(makeupDb, rampFrames);
    this.#mix = new Ramp(mixPercent / 100, rampFrames);
    this.reset();
  }

  reset(): void {
    const { makeupDb, mixPercent } = settings(this.#known);
    this.#channels = [newChannel(), newChannel()];
    this.#lookahead = [new Array(this.latencyFrames).fill(0), new Array(this.latencyFrames).fill(0)];
    this.#makeupDb.settle(makeupDb);
    this.#mix.settle(mixPercent / 100);
    this.#rms = false;
  }

  process({ frames, inputs, outputs, params, meters }: Block): number {
    this.#known.set(params);
    const { curve, attackMs, releaseMs, makeupDb, rms, linkPercent, highpassHz, mixPercent } =
      settings(params);
    const { sampleRateHz } = this.#setup;
    const attack = pole(attackMs, sampleRateHz);
    const release = pole(releaseMs, sampleRateHz);
    this.#makeupDb.aim(makeupDb);
    this.#mix.aim(mixPercent / 100);
    if (rms !== this.#rms) for (const channel of this.#channels) channel.meanSquare = 0;
    this.#rms = rms;
    for (const { highpass } of this.#channels) {
      if (highpassHz > HIGHPASS_OFF_HZ) highpass.tune(highpassHz, sampleRateHz);
      else highpass.turnOff();
    }

    const [left, right = left] = inputs[0];
    const [heard0, heard1 = heard0] = this.#setup.inputs[1].connected ? inputs[1] : inputs[0];
    for (let i = 0; i < frames; i++) {
      const own = [this.#level(0, heard0[i]), this.#level(1, heard1[i])];
      const louder = Math.max(...own);
      const makeup = this.#makeupDb.next();
      const mix = this.#mix.next();
      for (const [c, channel] of this.#channels.entries()) {
        const levelDb = own[c] + (linkPercent / 100) * (louder - own[c]);
        const target = reductionDb(levelDb, curve);

        // Smooth branching detector, eq. 16.
        const alpha = target > channel.reduction ? attack : release;
        channel.reduction = alpha * channel.reduction + (1 - alpha) * target;
        if (channel.reduction < SETTLED_DB) channel.reduction = 0;

        const gain = dbToGain(makeup - channel.reduction);
        const output = outputs[0][c];
        const x = this.#late(c, (c === 0 ? left : right)[i]);
        if (output) output[i] = Math.abs(x) < INAUDIBLE ? 0 : x * (1 + mix * (gain - 1));
      }
    }
    const reduction = Math.max(this.#channels[0].reduction, this.#channels[1].reduction);
    meters[0] = Math.max(METER_MIN_DB, -reduction);
    // The kernel says for how long it has to go on; a twin is not put to sleep.
    return Number.POSITIVE_INFINITY;
  }

  /** What the detector of one channel reads, in dB. */
  #level(c: number, x: number): number {
    const channel = this.#channels[c];
    let level = Math.abs(channel.highpass.next(x));
    if (this.#rms) {
      const alpha = pole(RMS_MS, this.#setup.sampleRateHz);
      const square = level < LOUDEST ? level * level : 0;
      channel.meanSquare = square + alpha * (channel.meanSquare - square);
      if (!(channel.meanSquare > SILENT_SQUARE)) channel.meanSquare = 0;
      level = Math.sqrt(channel.meanSquare);
    }
    // Written so that what is not a number becomes the floor.
    if (!(level > FLOOR)) level = FLOOR;
    return 20 * Math.log10(Math.min(CEILING, level));
  }

  #late(c: number, x: number): number {
    this.#lookahead[c].push(x);
    return this.#lookahead[c].shift() as number;
  }
}

function newChannel(): Channel {
  return { highpass: new Highpass(), meanSquare: 0, reduction: 0 };
}

/** Of a one-pole filter with this time constant, eq. 7. */
function pole(timeMs: number, sampleRateHz: number): number {
  return Math.exp(-1 / (timeMs * 0.001 * sampleRateHz));
}

export default definePlugin({ activate: (setup) => new Compressor(setup) });
